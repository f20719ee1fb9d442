"""Reading files of orders: what columns mean, what cells say, what makes an order. Pure."""
