"""What WeCom counted of members and their groups, by day."""
