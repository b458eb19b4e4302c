"""Try a program under each start method: what it does then, and why.

Each time it is a process of its own: `program` runs it, `probe` and `notes` run in its interpreter,
`processes` looks at what hangs, `diagnosis` names the cause, `report` prints it.
"""
