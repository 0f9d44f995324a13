package ancmbench_test

import (
	"strings"
	"testing"

	"ancmbench"
)

func TestParseProcessRule(t *testing.T) {
	for text, want := range map[string]ancmbench.ProcessRule{
		"port:8080":                     {By: ancmbench.ByPort, Value: "8080"},
		"pid:12":                        {By: ancmbench.ByPID, Value: "12"},
		"name:w3wp.exe":                 {By: ancmbench.ByName, Value: "w3wp.exe"},
		"name:a:b":                      {By: ancmbench.ByName, Value: "a:b"},
		"cgroup:/system.slice/x":        {By: ancmbench.ByCgroup, Value: "/system.slice/x"},
		"unit:nginx":                    {By: ancmbench.ByUnit, Value: "nginx"},
		"unit:ancmbench-app@80.service": {By: ancmbench.ByUnit, Value: "ancmbench-app@80.service"},
	} {
		for role, front := range map[ancmbench.Role]bool{"server": true, "proxy": true, "upstream": false, "app": false} {
			want.Role = role
			got, err := ancmbench.ParseProcessRule(string(role), text)
			if err != nil || got != want || got.InFront() != front || got.String() != text {
				t.Errorf("%s=%s: got %+v (in front: %v, %q), %v; want %+v", role, text, got, got.InFront(), got, err, want)
			}
		}
		for _, role := range []string{"", "worker", "generator", "Server"} {
			if got, err := ancmbench.ParseProcessRule(role, text); err == nil || !strings.Contains(err.Error(), "role") {
				t.Errorf("role %q: got %+v, %v; want an error that names the role", role, got, err)
			}
		}
	}
	for _, bad := range []string{"", "8080", "port:", "port:0", "port:65536", "port:http", "pid:0", "pid:-1", "pid:", "pid:4294967296",
		"name:", "name: ", "cgroup:", "unit:", "exe:/bin/x", ":80", "Port:80", "cgroup:" + strings.Repeat("x", 5000)} {
		if got, err := ancmbench.ParseProcessRule("server", bad); err == nil {
			t.Errorf("%.20q: got %+v, want an error", bad, got)
		}
	}
}

func TestCheckProcessRules(t *testing.T) {
	rules := func(roles ...ancmbench.Role) (out []ancmbench.ProcessRule) {
		for _, r := range roles {
			out = append(out, ancmbench.ProcessRule{Role: r, By: ancmbench.ByName, Value: "x"})
		}
		return out
	}
	for _, ok := range [][]ancmbench.ProcessRule{nil, rules("server"), rules("server", "server", "app"), rules("proxy", "upstream")} {
		if err := ancmbench.CheckProcessRules(ok); err != nil {
			t.Errorf("%v: %v", ok, err)
		}
	}
	for _, bad := range [][]ancmbench.ProcessRule{rules("server", "proxy"), rules("app", "server", "upstream")} {
		if err := ancmbench.CheckProcessRules(bad); err == nil {
			t.Errorf("%v: two names for one place are accepted", bad)
		}
	}
}
