package proctree_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"ancmbench/models/internal/proctree"
)

const partEnv = "PROCTREE_TEST_PART"

func TestMain(m *testing.M) {
	switch os.Getenv(partEnv) {
	case "":
		os.Exit(m.Run())
	case "child": // starts another once it is told to, and names it
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), partEnv+"=grandchild")
		if err := c.Start(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(c.Process.Pid)
	}
	time.Sleep(10 * time.Minute) // until it is killed
}

// A job's end is everybody's end, also of what knows nothing of the job.
func TestJobOnWindows(t *testing.T) {
	for name, end := range map[string]func(*proctree.Job) error{
		"Kill":  func(j *proctree.Job) error { return j.Kill(10 * time.Second) },
		"Close": func(j *proctree.Job) error { j.Close(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			job, err := proctree.NewJob()
			if err != nil {
				t.Fatal(err)
			}
			defer job.Close()
			c := exec.Command(os.Args[0])
			c.Env = append(os.Environ(), partEnv+"=child")
			in, err := c.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			if err := job.Add(c.Process.Pid); err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(in, "go\n")
			line, err := bufio.NewReader(out).ReadString('\n')
			grandchild, nerr := strconv.Atoi(strings.TrimSpace(line))
			if err != nil || nerr != nil {
				t.Fatalf("%q, %v", line, err)
			}
			h, err := windows.OpenProcess(windows.SYNCHRONIZE|windows.PROCESS_TERMINATE, false, uint32(grandchild))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = windows.CloseHandle(h) }()
			if pids, err := job.Processes(); err != nil || len(pids) != 2 {
				t.Errorf("in the job: %v, %v", pids, err)
			}
			if err := end(job); err != nil {
				t.Error(err)
			}
			_ = c.Wait() // killed
			if event, _ := windows.WaitForSingleObject(h, 10_000); event != windows.WAIT_OBJECT_0 {
				t.Error("the grandchild outlived the job")
				_ = windows.TerminateProcess(h, 1)
			}
		})
	}
}
