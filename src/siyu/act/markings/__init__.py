"""Tags of the corp put on customers and taken off them, relation by relation."""
