package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/advice"
)

// unmendable are findings that no command of this machine changes.
var unmendable = map[string]string{
	"WarnSteal":       "the hypervisor's doing",
	"WarnSharedCores": "there are not more cores",
}

// hostCodes are the names of the warnings that the room of the machine raises.
func hostCodes(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../../internal/host/*.go")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && strings.HasPrefix(s.Sel.Name, "Warn") && !strings.HasPrefix(s.Sel.Name, "Warning") {
				names[s.Sel.Name] = true
			}
			return true
		})
	}
	return names
}

// Whatever doctor may find comes with the command that mends it, which a shell can
// read, and which doctor shows.
func TestDoctorNamesTheCommand(t *testing.T) {
	names := hostCodes(t)
	if len(names) < 9 {
		t.Fatalf("found only %v", names)
	}
	codes := map[string]ancmbench.WarningCode{
		"WarnClock": ancmbench.WarnClock, "WarnCPULimit": ancmbench.WarnCPULimit, "WarnGovernor": ancmbench.WarnGovernor,
		"WarnListenOverflow": ancmbench.WarnListenOverflow, "WarnOtherLoad": ancmbench.WarnOtherLoad, "WarnPortsLeft": ancmbench.WarnPortsLeft,
		"WarnRetransmits": ancmbench.WarnRetransmits, "WarnSharedCores": ancmbench.WarnSharedCores, "WarnSteal": ancmbench.WarnSteal, "WarnSwap": ancmbench.WarnSwap,
		"WarnSwapping": ancmbench.WarnSwapping, "WarnClockStep": ancmbench.WarnClockStep,
	}
	for name := range names {
		code, known := codes[name]
		if !known {
			t.Errorf("%s: not known to this test", name)
			continue
		}
		adv := advice.Advise([]ancmbench.Warning{{Code: code, Value: 2, Bound: 1, Detail: "detail"}})
		command := adv[0].Command
		if (command == "") != (unmendable[name] != "") {
			t.Errorf("%s: command %q, and it is %q", name, command, unmendable[name])
		}
		if sh, err := exec.LookPath("sh"); err == nil {
			if out, err := exec.Command(sh, "-n", "-c", command).CombinedOutput(); err != nil {
				t.Errorf("%s: %q: %v: %s", name, command, err, out)
			}
		}
		var out bytes.Buffer
		_ = showDiagnosis(&out, &diagnosis{Host: ancmbench.Host{OS: "linux"}, Advice: adv}, verbosity{})
		if command != "" && !strings.Contains(out.String(), "\n    "+command+"\n") {
			t.Errorf("%s: %q is not shown in\n%s", name, command, out.String())
		}
	}
}
