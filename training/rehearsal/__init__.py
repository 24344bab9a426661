"""The whole real pipeline on local CSV files: every party in a process and a directory of its own.

Talks to the hospital's and the custodian's programs only through their command lines.
"""
