package targets

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/peers"
)

// Each process of a target has a role of its own: what stands before another is a proxy, so
// that its cost is the hop's.
func TestRoles(t *testing.T) {
	command, behind := &peers.Command{}, peers.Command{}
	for _, c := range []struct {
		spec    Spec
		want    []ancmbench.Role
		foreign bool
		request bool // its first request starts it
	}{
		{Spec{Model: ancmbench.InProcess}, []ancmbench.Role{"was", "worker"}, false, true},
		{Spec{Model: ancmbench.OutOfProcess}, []ancmbench.Role{"was", "worker", "app"}, false, true},
		{Spec{Model: ancmbench.Nginx}, []ancmbench.Role{"proxy", "was", "worker"}, false, true},
		{Spec{Model: ancmbench.Direct, Command: command}, []ancmbench.Role{"app"}, false, false},
		{Spec{Command: command}, []ancmbench.Role{"server"}, false, false},
		{Spec{Command: command, Behind: []peers.Command{behind}}, []ancmbench.Role{"proxy", "server"}, false, false},
		{Spec{Command: command, Behind: []peers.Command{behind, behind}}, []ancmbench.Role{"proxy", "proxy-2", "server"}, false, false},
		{Spec{Command: command, BehindModel: ancmbench.Direct}, []ancmbench.Role{"proxy", "was", "worker"}, false, false},
		{Spec{Command: command, Behind: []peers.Command{behind}, BehindModel: ancmbench.Direct}, []ancmbench.Role{"proxy", "proxy-2", "was", "worker"}, false, false},
		{Spec{}, nil, true, false},
	} {
		if got := c.spec.Roles(); !slices.Equal(got, c.want) {
			t.Errorf("%+v: roles %v, want %v", c.spec, got, c.want)
		}
		if c.spec.Foreign() != c.foreign || c.spec.StartsOnRequest() != c.request {
			t.Errorf("%+v: foreign %v, starts on request %v", c.spec, c.spec.Foreign(), c.spec.StartsOnRequest())
		}
	}
}

// What goes to another machine, and comes back, loses nothing on its way.
func TestPlainData(t *testing.T) {
	crosses(t, Spec{Name: "a", Model: ancmbench.Direct, Command: &peers.Command{Args: []string{"x"}, Environment: []string{"A=b"}, PortVariable: "P",
		Files: []ancmbench.ServerFile{{Name: "f", Text: "t"}}, Ready: ancmbench.Ready{HTTP: "/", Status: 200}, Signal: "SIGINT"},
		Behind: []peers.Command{{Line: "y", Upstream: "unix:/s"}}, BehindModel: ancmbench.Direct, Header: []ancmbench.Field{{Name: "n", Value: "v"}},
		Target: ancmbench.Target{Network: "unix", Address: "/s"}, TwinOf: "b", Revision: &ancmbench.Revision{Commit: "c"}})
	crosses(t, Place{Run: "r", CPUs: []int{1}, GOMAXPROCS: 2, Fronts: []string{"tls"}, WebConfig: "w", Native: models.NativeModules{RequestLog: "l"}})
	crosses(t, Watch{SystemCalls: true, Memory: 3})
}

func crosses[T any](t *testing.T, v T) {
	t.Helper()
	b, err := json.Marshal(v)
	var out T
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil || !reflect.DeepEqual(v, out) {
		t.Errorf("%T: %v\n%+v\n%+v", v, err, v, out)
	}
}
