#!/bin/sh
# Runs a command that may have as many files open as the system allows. Tests run side by side, with servers and other programs
# of their own, and need more than the 1,024 that most systems begin with.
ulimit -n "$(ulimit -Hn)"
exec "$@"
