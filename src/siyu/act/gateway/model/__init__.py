"""Pure decisions of the gateway. The same functions run in production and in the simulation, which is how the one is believed for the other."""
