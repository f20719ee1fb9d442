"""Contact ways and join ways as WeCom keeps them, and who came by each."""
