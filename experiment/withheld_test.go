package experiment

import (
	"encoding/json"
	"strings"
	"testing"

	"ancmbench"
)

func TestWithheldHidesCredentials(t *testing.T) {
	run := &ancmbench.Run{Profile: ancmbench.Profile{Workloads: []ancmbench.Workload{{Name: "w", Requests: []ancmbench.Request{{
		Path: "/a?key=canary1", Header: []ancmbench.Field{{Name: "Authorization", Value: "Bearer canary2"}}, Body: []byte("canary3"),
		Expect: &ancmbench.Expect{BodyContains: "canary13", Header: []ancmbench.Field{{Name: "Set-Cookie", Value: "canary14"}}}}},
		Vars: &ancmbench.Vars{Names: []string{"user"}, Rows: [][]string{{"canary15"}, {"canary16"}}}}},
		Targets: []ancmbench.Server{{Name: "app", URL: "http://canary4/", Command: "run canary5", Args: []string{"x", "canary6"}, Dir: "/canary7", Log: "/canary8",
			Env: []ancmbench.Field{{Name: "TOKEN", Value: "canary9"}}, Files: []ancmbench.ServerFile{{Name: "c.conf", Text: "canary10"}},
			Ready: ancmbench.Ready{HTTP: "/canary11", Log: "canary12"}, Before: "backend"}}}}
	before, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	after, err := json.Marshal(withheld(run))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(after), "canary") {
		t.Errorf("a credential is in the file: %s", after)
	}
	for _, stays := range []string{"Authorization", `"app"`, "TOKEN", "c.conf", "backend", "Set-Cookie", "user"} {
		if !strings.Contains(string(after), stays) {
			t.Errorf("the name %s should stay", stays)
		}
	}
	if again, _ := json.Marshal(run); string(again) != string(before) {
		t.Error("the run itself was changed")
	}
	if IsWithheld(run.Profile) || !IsWithheld(withheld(run).Profile) {
		t.Error("a profile whose requests were left out is not told from a whole one")
	}
}
