"""`python -m siyu.connectors.wecom.sandbox --home DIR`: run a sandbox until it is stopped."""

from siyu.connectors.wecom.sandbox.command import main

if __name__ == "__main__":
    main()
