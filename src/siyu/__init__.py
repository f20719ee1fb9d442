"""Open-source private-domain (私域) operations for brands on WeCom."""
