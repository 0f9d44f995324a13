package fleet

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"text/template"
)

// Kubernetes describes the agents of a cluster: an Indexed Job of load agents, one to a
// node, with the headless Service that gives each a name, and the Secret with the token.
type Kubernetes struct {
	Name, Namespace, Image string
	Agents                 int
	Join                   string
	Flags                  []string
	// Token and Credentials are those of Launch.
	Token       *Token
	Credentials string
}

//go:embed kubernetes.yaml.tmpl
var kubernetesText string

var kubernetesTemplate = template.Must(template.New("kubernetes").Funcs(template.FuncMap{"quote": yamlQuote}).Parse(kubernetesText))

// yamlQuote returns a text as a YAML scalar in single quotes.
func yamlQuote(s string) (string, error) {
	if strings.ContainsAny(s, "\n\r\x00") {
		return "", errors.New("a line break in a flag")
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'", nil
}

// labelPattern is a DNS label (RFC 1123), as names and namespaces must be.
var labelPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$`)

// Manifest returns the objects as YAML. It fails if a name is not one that Kubernetes
// takes.
func (k Kubernetes) Manifest() ([]byte, error) {
	for what, name := range map[string]string{"name": k.Name, "namespace": k.Namespace} {
		if !labelPattern.MatchString(name) {
			return nil, fmt.Errorf("%s %q: must be lower-case letters, digits and hyphens", what, name)
		}
	}
	if k.Agents < 1 || k.Image == "" || k.Join == "" {
		return nil, errors.New("a manifest needs agents, an image and an address to join")
	}
	flag, secret, err := pass(k.Token, k.Credentials)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = kubernetesTemplate.Execute(&out, map[string]any{"K": k, "Flag": flag, "Token": base64.StdEncoding.EncodeToString(secret)})
	return out.Bytes(), err
}

// Apply creates the objects through kubectl, and returns a function that deletes them.
func (k Kubernetes) Apply(ctx context.Context) (remove func() error, err error) {
	manifest, err := k.Manifest()
	if err != nil {
		return nil, err
	}
	kubectl := func(ctx context.Context, verb ...string) error {
		cmd := exec.CommandContext(ctx, "kubectl", append(verb, "-f", "-")...)
		cmd.Stdin = bytes.NewReader(manifest)
		var said lastLines
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("kubectl %s: %w%s", verb[0], err, said.said())
		}
		return nil
	}
	remove = func() error {
		return kubectl(context.WithoutCancel(ctx), "delete", "--ignore-not-found", "--wait=false")
	}
	if err := kubectl(ctx, "apply"); err != nil {
		return nil, errors.Join(err, remove())
	}
	return remove, nil
}
