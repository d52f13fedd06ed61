"""`python -m msktop`."""

from msktop.cli import main

if __name__ == "__main__":
    main()
