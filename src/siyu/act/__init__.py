"""Act: through the staff whom the customer trusts, within limits."""
