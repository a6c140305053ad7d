"""`python -m policysite` is the command `policysite`."""

from policysite.running import command

if __name__ == "__main__":
    command.main()
