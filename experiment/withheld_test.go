package experiment

import (
	"encoding/json"
	"strings"
	"testing"

	"ancmbench"
)

func TestWithheldHidesCredentials(t *testing.T) {
	run := &ancmbench.Run{Profile: ancmbench.Profile{Workloads: []ancmbench.Workload{{Name: "w", Requests: []ancmbench.Request{{
		Path: "/a?key=canary1", Header: []ancmbench.Field{{Name: "Authorization", Value: "Bearer canary2"}}, Body: []byte("canary3")}}}}}}
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
	if !strings.Contains(string(after), "Authorization") {
		t.Error("the header's name should stay")
	}
	if again, _ := json.Marshal(run); string(again) != string(before) {
		t.Error("the run itself was changed")
	}
}
