package main

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/models/peers"
	"ancmbench/reports/gate"
)

// A gate asks what its flags and its profile say, of commands as of models.
func TestGateAsksWhatFlagsAndProfileSay(t *testing.T) {
	t.Chdir(t.TempDir())
	profile := "workloads: [{name: mine, path: /mine, method: PUT, header: {X: y}}]\nphases: [{kind: latency, duration: 1s}]\n"
	if err := os.WriteFile("p.yaml", []byte(profile), 0o644); err != nil {
		t.Fatal(err)
	}
	asked := func(args ...string) (experiment.Config, error) {
		t.Helper()
		c := newGateCommand()
		f := &gateFlags{}
		// The command's own flags are in its closure: those of another one are read by name.
		if err := c.ParseFlags(args); err != nil {
			t.Fatal(err)
		}
		get := func(name string) string { return c.Flags().Lookup(name).Value.String() }
		f.profile, f.targetPath = get("profile"), get("path")
		f.asked = requestFlags{given: c.Flags().Changed, method: get("method"), body: get("body"), varsOrder: "next", expect: get("expect")}
		f.asked.headers, f.asked.requests = valuesOf(c.Flags().Lookup("header")), valuesOf(c.Flags().Lookup("request"))
		p, err := loadProfile(f.profile)
		if err != nil {
			t.Fatal(err)
		}
		p, rf, err := gateProfile(c, f, p, nil)
		if err != nil {
			t.Fatal(err)
		}
		cfg := experiment.Config{Targets: commandTargets(f.targetPath, peers.Command{}, peers.Command{})}
		err = gateAsks(f, rf, &p, cfg.Targets, nil)
		cfg.Profile = p
		return cfg, err
	}
	for _, c := range []struct {
		args string
		want []ancmbench.Request
	}{
		{"", []ancmbench.Request{{Method: "GET", Path: "/"}}},
		{"--path=/x --method=POST --body=b --header=A:b --expect=404",
			[]ancmbench.Request{{Method: "POST", Path: "/x", Body: []byte("b"), Header: []ancmbench.Field{{Name: "A", Value: "b"}}, Expect: &ancmbench.Expect{Statuses: []string{"404"}}}}},
		{"--profile=p.yaml", []ancmbench.Request{{Method: "PUT", Path: "/mine", Header: []ancmbench.Field{{Name: "X", Value: "y"}}}}},
		{"--profile=p.yaml --path=/x --header=x:z", []ancmbench.Request{{Method: "PUT", Path: "/x", Header: []ancmbench.Field{{Name: "x", Value: "z"}}}}},
		{"--request=/a", []ancmbench.Request{{Method: "GET", Path: "/a"}}},
	} {
		cfg, err := asked(strings.Fields(c.args)...)
		if err != nil {
			t.Errorf("%s: %v", c.args, err)
			continue
		}
		for _, s := range cfg.Targets {
			got := cfg.FirstRequests(s, s.Target)
			if len(got) != 1 || !sameRequests(got[0].Workload.Requests, c.want) {
				t.Errorf("gate %s asks %s for %+v, want %+v", c.args, s.Name, got, c.want)
			}
		}
	}
}

func sameRequests(a, b []ancmbench.Request) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i], b[i]
		if len(x.Header)+len(y.Header) == 0 {
			x.Header, y.Header = nil, nil
		}
		if len(x.Body)+len(y.Body) == 0 {
			x.Body, y.Body = nil, nil
		}
		if !reflect.DeepEqual(x, y) {
			return false
		}
	}
	return true
}

// What was left out of a stored run cannot be sent again: the gate says so, unless the
// flags say all of it.
func TestGateDoesNotSendWhatWasLeftOut(t *testing.T) {
	stored := &ancmbench.Run{}
	profile := func() ancmbench.Profile {
		p, err := loadProfile("gate")
		if err != nil {
			t.Fatal(err)
		}
		p.Workloads = []ancmbench.Workload{{Name: "w", Requests: []ancmbench.Request{{Path: "/", Header: []ancmbench.Field{{Name: "Authorization", Value: experiment.Withheld}}}}}}
		return p
	}
	p, model := profile(), []experiment.TargetSpec{{Name: "a", Model: ancmbench.Direct}}
	if err := gateAsks(&gateFlags{}, &runFlags{}, &p, model, stored); err == nil || exitCode(t.Context(), err) != exitUsage || !strings.Contains(err.Error(), "left out of its file") {
		t.Errorf("it is sent as it is: %v", err)
	}
	p = profile()
	if err := gateAsks(&gateFlags{}, &runFlags{asked: requestFlags{headers: []string{"authorization: Bearer x"}}}, &p, model, stored); err != nil {
		t.Errorf("with the value by a flag: %v", err)
	}
}

// A gate that cannot know which of several targets is meant names the flag that says so.
func TestGateThatNeedsATargetNamesTheFlag(t *testing.T) {
	several := &ancmbench.Run{Targets: []ancmbench.TargetInfo{{Name: "a"}, {Name: "b"}, {Name: "c"}}}
	var all string
	for _, why := range (gate.Gate{}).Undecidable(several, nil) {
		all += why + hintFor(why) + "\n"
	}
	if !strings.Contains(all, "there is b and c (--target NAME)\n") || strings.Count(all, "--target") != 1 {
		t.Error(all)
	}
}
