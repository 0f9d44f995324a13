package proctree

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Job is a family of processes: one that was put in, and all that come of it. It
// ends with the last handle to it, which is this process's: however this process
// ends, nothing of the family outlives it. Jobs may lie in one another (Windows 8).
type Job struct {
	mu     sync.Mutex
	handle windows.Handle // 0 once closed
}

// NewJob makes an empty one.
func NewJob() (*Job, error) {
	h, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return nil, fmt.Errorf("job object: %w", err)
	}
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	if _, err := windows.SetInformationJobObject(h, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits))); err != nil {
		return nil, errors.Join(fmt.Errorf("job object: %w", err), windows.CloseHandle(h))
	}
	return &Job{handle: h}, nil
}

// Add puts a process in. What it started before is not in.
func (j *Job) Add(pid int) error {
	p, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(pid))
	if err != nil {
		return fmt.Errorf("job object: process %d: %w", pid, err)
	}
	defer func() { _ = windows.CloseHandle(p) }() // a handle that OpenProcess gave is valid
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := windows.AssignProcessToJobObject(j.handle, p); err != nil {
		return fmt.Errorf("job object: process %d: %w", pid, err)
	}
	return nil
}

// mostProcesses is how many processes of one job can be listed.
const mostProcesses = 1024

// Processes lists those that run, in ascending order; none once the job is closed.
func (j *Job) Processes() ([]int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.processes()
}

func (j *Job) processes() ([]int, error) {
	if j.handle == 0 {
		return nil, nil
	}
	var list struct { // JOBOBJECT_BASIC_PROCESS_ID_LIST
		assigned, listed uint32
		ids              [mostProcesses]uintptr
	}
	if err := windows.QueryInformationJobObject(j.handle, windows.JobObjectBasicProcessIdList,
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

// Kill ends all of them and returns when none is listed any more; it fails if
// some still are after bound.
func (j *Job) Kill(bound time.Duration) error {
	// A job tells of its last process to a completion port only.
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(bound); ; <-tick.C {
		pids, err := j.killOnce()
		if err != nil || len(pids) == 0 {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("processes %v are still there %v after they were killed", pids, bound)
		}
	}
}

func (j *Job) killOnce() ([]int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.handle == 0 {
		return nil, nil
	}
	if err := windows.TerminateJobObject(j.handle, 1); err != nil {
		return nil, fmt.Errorf("job object: %w", err)
	}
	return j.processes()
}

// Close ends the job, and all that still run in it. It may be called again.
func (j *Job) Close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.handle != 0 {
		_ = windows.CloseHandle(j.handle)
		j.handle = 0
	}
}
