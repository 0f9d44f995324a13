package peers

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// shell runs a line of the user's; cmd reads it as it stands, without the
// quoting that other programs expect.
func shell(line string) *exec.Cmd {
	cmd := exec.Command("cmd")
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `cmd /S /C "` + line + `"`}
	return cmd
}

// tree is every process of one server: those in a job object, which ends with
// the last handle to it, and that is ours.
type tree struct{ job windows.Handle }

func plant(cmd *exec.Cmd, l launch, _ string) (*tree, error) {
	if l.cgroup != "" || len(l.cpus) > 0 {
		return nil, errors.New("cgroup and CPUs: only Linux is supported")
	}
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return nil, fmt.Errorf("job object: %w", err)
	}
	t := &tree{job: job}
	var info windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	info.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	if _, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info))); err != nil {
		t.close(true)
		return nil, fmt.Errorf("job object: %w", err)
	}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	// A group of its own, so that CTRL_BREAK reaches it alone.
	cmd.SysProcAttr.CreationFlags |= windows.CREATE_NEW_PROCESS_GROUP
	if err := cmd.Start(); err != nil {
		t.close(true)
		return nil, fmt.Errorf("cannot start: %w", err)
	}
	// A child that the command starts before the next call is not in the job.
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(cmd.Process.Pid))
	if err == nil {
		err = windows.AssignProcessToJobObject(job, process)
		_ = windows.CloseHandle(process)
	}
	if err != nil {
		err = errors.Join(fmt.Errorf("job object: %w", err), cmd.Process.Kill(), cmd.Wait())
		t.close(true)
		return nil, err
	}
	return t, nil
}

// mostProcesses is how many processes of one server can be listed.
const mostProcesses = 1024

func (t *tree) pids() ([]int, error) {
	var list struct { // JOBOBJECT_BASIC_PROCESS_ID_LIST
		assigned, listed uint32
		ids              [mostProcesses]uintptr
	}
	if err := windows.QueryInformationJobObject(t.job, windows.JobObjectBasicProcessIdList,
		uintptr(unsafe.Pointer(&list)), uint32(unsafe.Sizeof(list)), nil); err != nil {
		return nil, fmt.Errorf("job object: %w", err)
	}
	var pids []int
	for _, id := range list.ids[:min(list.listed, mostProcesses)] {
		pids = append(pids, int(id))
	}
	slices.Sort(pids)
	return pids, nil
}

// terminate asks the processes to end, as Ctrl-Break would.
func (t *tree) terminate() {
	pids, err := t.pids()
	if err != nil {
		return
	}
	for _, pid := range pids { // the id of a group's leader names the group
		_ = windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(pid))
	}
}

// reap says that the first process was waited for; a job needs not know.
func (t *tree) reap() {}

func (t *tree) linger(forced <-chan struct{}) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if pids, err := t.pids(); err != nil || len(pids) == 0 {
			return
		}
		select {
		case <-forced:
			return
		case <-tick.C:
		}
	}
}

func (t *tree) kill(bound time.Duration) error {
	for end := time.Now().Add(bound); ; time.Sleep(time.Millisecond) {
		if err := windows.TerminateJobObject(t.job, 1); err != nil {
			return fmt.Errorf("job object: %w", err)
		}
		pids, err := t.pids()
		if err != nil || len(pids) == 0 {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("processes %v are still there %v after they were killed", pids, bound)
		}
	}
}

func (t *tree) close(bool) { _ = windows.CloseHandle(t.job) }
