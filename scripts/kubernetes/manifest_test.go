// Package kubernetes holds the manifests of 'ancmbench run --start-agents=kubernetes' to
// the real types of the Kubernetes API. It is a module of its own, so that the tool does
// not depend on them.
package kubernetes

import (
	"os"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"
)

// objects are the documents of the manifest, by kind.
func objects(t *testing.T) map[string][]byte {
	t.Helper()
	data, err := os.ReadFile("load-agents.yaml")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, doc := range strings.Split(string(data), "\n---\n") {
		var head struct{ APIVersion, Kind string }
		if err := yaml.Unmarshal([]byte(doc), &head); err != nil {
			t.Fatal(err)
		}
		out[head.APIVersion+" "+head.Kind] = []byte(doc)
	}
	if len(out) != 3 {
		t.Fatalf("%d objects", len(out))
	}
	return out
}

// decode reads a document into a type of the API. It fails on every field that the type
// does not have, and on every field that is given twice.
func decode[T any](t *testing.T, doc []byte) (v T) {
	t.Helper()
	if len(doc) == 0 {
		t.Fatalf("there is no %T", v)
	}
	if err := yaml.UnmarshalStrict(doc, &v); err != nil {
		t.Fatalf("%T: %v", v, err)
	}
	return v
}

func TestManifestDecodesStrictly(t *testing.T) {
	all := objects(t)
	secret := decode[corev1.Secret](t, all["v1 Secret"])
	service := decode[corev1.Service](t, all["v1 Service"])
	job := decode[batchv1.Job](t, all["batch/v1 Job"])

	for _, name := range []string{secret.Name, service.Name, job.Name} {
		if faults := validation.IsDNS1123Label(name); faults != nil {
			t.Errorf("%q: %v", name, faults)
		}
	}
	if service.Spec.ClusterIP != corev1.ClusterIPNone {
		t.Errorf("the service is not headless: %q", service.Spec.ClusterIP)
	}
	if m := job.Spec.CompletionMode; m == nil || *m != batchv1.IndexedCompletion {
		t.Errorf("the job is not indexed: %v", m)
	}
	if n := job.Spec.Completions; n == nil || *n != 4 || *job.Spec.Parallelism != 4 {
		t.Errorf("%v completions", n)
	}
	pod := job.Spec.Template
	for key, value := range service.Spec.Selector {
		if pod.Labels[key] != value {
			t.Errorf("the service selects %s=%s, and the pods have %v", key, value, pod.Labels)
		}
	}
	if pod.Spec.Subdomain != service.Name || pod.Spec.RestartPolicy != corev1.RestartPolicyNever {
		t.Errorf("subdomain %q, restart %q", pod.Spec.Subdomain, pod.Spec.RestartPolicy)
	}
	checkContainer(t, pod.Spec, secret)
}

// The container finds the token where its arguments say, and as a user that may read it.
func checkContainer(t *testing.T, pod corev1.PodSpec, secret corev1.Secret) {
	t.Helper()
	c := pod.Containers[0]
	args := strings.Join(c.Args, " ")
	if !strings.HasPrefix(args, "agent --join nats://") || !strings.Contains(args, "--token-file /run/ancmbench/token --load") {
		t.Errorf("arguments %q", args)
	}
	if c.VolumeMounts[0].MountPath != "/run/ancmbench" || pod.Volumes[0].Name != c.VolumeMounts[0].Name || pod.Volumes[0].Secret.SecretName != secret.Name {
		t.Errorf("the token is mounted from %+v at %+v", pod.Volumes, c.VolumeMounts)
	}
	if !strings.Contains(string(secret.Data["token"]), "ANCMBENCH TOKEN") {
		t.Errorf("the secret holds %q", secret.Data["token"])
	}
	if c.SecurityContext == nil || *c.SecurityContext.RunAsNonRoot != true || *pod.Volumes[0].Secret.DefaultMode&0o004 == 0 {
		t.Error("the user of the container cannot read the token, or is root")
	}
	for name, q := range c.Resources.Requests {
		if limit := c.Resources.Limits[name]; q.Cmp(limit) != 0 || q.IsZero() {
			t.Errorf("%s: %v requested, limit %v", name, q, limit)
		}
	}
}

// The check is strict: a field that the API does not have is found.
func TestStrictDecodingFindsMisspellings(t *testing.T) {
	doc := strings.Replace(string(objects(t)["batch/v1 Job"]), "completionMode:", "completionsMode:", 1)
	var job batchv1.Job
	if err := yaml.UnmarshalStrict([]byte(doc), &job); err == nil {
		t.Error("a misspelt field is accepted")
	}
}
