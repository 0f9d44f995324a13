package ancm

func (proc *process) awaitGroup() {}

// terminate cannot ask here yet, so it ends the process.
func (proc *process) terminate() { proc.kill() }

func (proc *process) kill() { _ = proc.cmd.Process.Kill() } // it may have ended
