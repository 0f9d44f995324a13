package fleet

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the manifest that the launcher makes to scripts/kubernetes")

const manifestFile = "../scripts/kubernetes/load-agents.yaml"

// secretData is the token in a manifest, which is new each time.
var secretData = regexp.MustCompile(`(?m)^  token: [A-Za-z0-9+/=]+$`)

// exampleToken stands for the token in the manifest of the repository: the words between
// which a real one lies.
const exampleToken = "  token: LS0tLS1CRUdJTiBBTkNNQkVOQ0ggVE9LRU4tLS0tLQo="

// The manifest in scripts/kubernetes, which a test there holds to the real API types, is
// what the launcher makes.
func TestManifestIsInStep(t *testing.T) {
	token, err := NewToken()
	if err != nil {
		t.Fatal(err)
	}
	k := Kubernetes{Name: "ancmbench-load", Namespace: "default", Image: "ancmbench:latest", Agents: 4, Join: "nats://10.0.0.1:4333",
		Flags: []string{"--load", "--quiet", "--allow-target", "10.0.0.7:8080"}, Token: token}
	made, err := k.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(secretData.FindAll(made, -1)); n != 1 {
		t.Fatalf("%d tokens in the manifest", n)
	}
	made = secretData.ReplaceAll(made, []byte(exampleToken))
	if *update {
		if err := os.WriteFile(manifestFile, made, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(manifestFile)
	if err != nil || !bytes.Equal(made, want) {
		t.Errorf("%v: the manifest is not the launcher's: go test ./fleet -run TestManifest -update writes it", err)
	}
}

// What a user gives stays a scalar of YAML.
func TestManifestQuotes(t *testing.T) {
	token, err := NewToken()
	if err != nil {
		t.Fatal(err)
	}
	k := Kubernetes{Name: "x", Namespace: "y", Image: "it's: #1", Agents: 1, Join: "nats://h:1", Token: token, Flags: []string{"a\nb"}}
	if _, err := k.Manifest(); err == nil {
		t.Error("a flag with a line break is written")
	}
	k.Flags = nil
	made, err := k.Manifest()
	if err != nil || !strings.Contains(string(made), "image: 'it''s: #1'") {
		t.Errorf("%v: %s", err, made)
	}
	for _, name := range []string{"", "-x", "X", "a b", "a\nb"} {
		k.Name = name
		if _, err := k.Manifest(); err == nil {
			t.Errorf("%q is taken for a name", name)
		}
	}
}
