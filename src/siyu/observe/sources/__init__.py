"""Sources 数据来源: machines that hand in orders, known by a key."""
