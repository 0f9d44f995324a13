package profiles

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"ancmbench"
)

// writtenTo puts files into a folder and returns the path of the first.
func writtenTo(t *testing.T, dir string, files ...[2]string) string {
	t.Helper()
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f[0]), []byte(f[1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, files[0][0])
}

// Files are found beside the profile, wherever the command runs.
func TestProfileReadsFilesBesideIt(t *testing.T) {
	profile := `
workloads:
  - {name: a, path: "/u/{{id}}", method: POST, body-file: body.json, vars: users.csv, vars-order: random}
  - {name: b, path: "/u/{{id}}{{id}}", vars: users.csv}
phases: [{kind: latency, duration: 1s}]
`
	path := writtenTo(t, t.TempDir(), [2]string{"p.yaml", profile}, [2]string{"body.json", `{"a":"{{who}}"}`},
		[2]string{"users.csv", "\ufeffid,who\r\n1,\"a, \"\"b\"\"\"\r\n2,c\r\n"})
	t.Chdir(t.TempDir())
	p, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	rows := [][]string{{"1", `a, "b"`}, {"2", "c"}}
	want := []ancmbench.Workload{
		{Name: "a", Vars: &ancmbench.Vars{Names: []string{"id", "who"}, Rows: rows, Random: true},
			Requests: []ancmbench.Request{{Path: "/u/{{id}}", Method: "POST", Body: []byte(`{"a":"{{who}}"}`)}}},
		{Name: "b", Vars: &ancmbench.Vars{Names: []string{"id", "who"}, Rows: rows}, Requests: []ancmbench.Request{{Path: "/u/{{id}}{{id}}"}}},
	}
	if !reflect.DeepEqual(p.Workloads, want) {
		t.Errorf("%+v, want %+v", p.Workloads, want)
	}
}

func TestIllegalFiles(t *testing.T) {
	for _, c := range []struct{ vars, want string }{
		{"id\n", "1 lines: the first has the names"},
		{"", "0 lines"},
		{"id,id\n1,2\n", `the name "id" is given twice`},
		{"a b\n1\n", `column 1: "a b" is no name`},
		{"id,x\n1\n", "not CSV: "},
		{"id\n\"1\n2\"\n", "the value of id holds a line break"},
		{"other\n1\n", "nothing gives {{id}} a value"},
	} {
		path := writtenTo(t, t.TempDir(), [2]string{"p.yaml", "workloads: [{name: a, path: '/{{id}}', vars: v.csv}]\nphases: [{kind: latency, duration: 1s}]\n"},
			[2]string{"v.csv", c.vars})
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "p.yaml:1: workloads[0].vars: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.vars, err, c.want)
		}
	}
	path := writtenTo(t, t.TempDir(), [2]string{"p.yaml", "workloads: [{name: a, path: /, body-file: nothing}]\nphases: [{kind: latency, duration: 1s}]\n"})
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "workloads[0].body-file: open ") {
		t.Error(err)
	}
}
