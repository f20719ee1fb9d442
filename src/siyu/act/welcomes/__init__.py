"""Welcome messages 欢迎语: the first words to a new customer, within WeCom's 20 s."""
