package main

import (
	"context"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A command line whose one fault is in a flag, and how the sentence on it begins. The
// flag is named as it is typed, both ways where there are two.
var flagFaults = []struct{ line, want string }{
	{"run --model=x", `--model: unknown model "x"`},
	{"run --profile=x", `--profile "x": no such profile or file`},
	{"run --rate=0", "--rate 0: "},
	{"run --rate=fast", "--rate fast: "},
	{"run --connections=0", "--connections: 0"},
	{"run --launches=-1", "--launches: -1"},
	{"run --duration=-1s", "--duration (phases[2].duration): -1s"},
	{"run --precision=0%", "--precision 0%: "},
	{"run --max-time=-1s", "--max-time: -1s: must be above 0"},
	{"run --max-time=1ms", "--max-time: 1ms: one fresh start alone"},
	{"run --engine=x", "--engine: unknown engine"},
	{"run --metrics=x", "--metrics=x: "},
	{"run --front=x", `--front: unknown front "x"`},
	{"run --module=v3", "--module v3: must be v1 or v2"},
	{"run --web-config=nothing", "--web-config: "},
	{"run --app=nothing", "--app: "},
	{"run --request-log=nowhere/log", "--request-log: "},
	{"run --static-files=nothing", "--static-files: "},
	{"run --static-files=flag_faults_test.go", "--static-files "},
	{"run --path-base=shop", "--path-base shop: must be a path below the site"},
	{"run --cacert=nothing", "--cacert is for servers of your own"},
	{"run --target=x --rate=5", "--target x: "},
	{"run --target=a=http://127.0.0.1:1/ --target=b=http://127.0.0.1:2/ --rate=5 --processes=a.server=x", `--processes a.server=x: "x": want port:N`},
	{"run --vegeta-results=nowhere/x", "--vegeta-results: "},
	{"run --seed=-1", "--seed -1: want a whole number from 0"},
	{"run --out=flag_faults_test.go/x", "--out flag_faults_test.go/x: "},
	{"run --append-history=nowhere/x", "--append-history: "},
	{"run --load-agents=-1 --start-agents=local:1", "--load-agents -1: must be 0 to 256"},
	{"run --load-agents=1", "--listen: agents need an address to dial"},
	{"run --load-agents=1 --listen=x", "--listen x: want host:port"},
	{"run --load-agents=1 --listen=10.0.0.1:4333", "--listen 10.0.0.1:4333: anybody who reaches it could join"},
	{"run --load-agents=1 --listen=10.0.0.1:4333 --token-file=nothing", "--token-file: "},
	{"run --load-agents=1 --nats=x", `--nats "x": want the address`},
	{"run --load-agents=1 --nats=nats://h:1 --creds=nothing", "--creds: "},
	{"run --serve-agent=h --listen=127.0.0.1:0", "--serve-agent h: want any"},
	{"run --start-agents=local:0", "--start-agents local:0: want local:N"},
	{"run --start-agents=local:1 --agent-join=x", `--agent-join "x": want the address`},
	{"run --start-agents=local:1 --agents-within=-1s", "--agents-within -1s: must be above 0"},
	{"run --start-agents=kubernetes:1 --listen=10.0.0.1:4333 --agent-image=", "--agent-image: is empty"},
	{"load http://127.0.0.1:1/ --load-agents=300 --start-agents=local:300", "--start-agents local:300: want local:N"},
	{"load http://127.0.0.1:1/ --load-agents=1", "--listen: agents need an address to dial"},
	{"load http://127.0.0.1:1/ --load-agents=-1 --start-agents=local:1", "--load-agents -1: must be 0 to 256"},
	{"load http://127.0.0.1:1/ --load-agents=1 --listen=10.0.0.1:4333 --token-file=nothing", "--token-file: "},
	{"load http://127.0.0.1:1/ --load-agents=1 --nats=x", `--nats "x": want the address`},
	{"load http://127.0.0.1:1/ --load-agents=1 --nats=nats://h:1 --creds=nothing", "--creds: "},
	{"load http://127.0.0.1:1/ --start-agents=ssh:-x --listen=127.0.0.1:0", "--start-agents ssh:-x: "},
	{"load http://127.0.0.1:1/ --start-agents=local:1 --agent-join=x", `--agent-join "x": want the address`},
	{"load http://127.0.0.1:1/ --start-agents=local:1 --agents-within=-1s", "--agents-within -1s: must be above 0"},
	{"load http://127.0.0.1:1/ --start-agents=kubernetes:1 --listen=10.0.0.1:4333 --agent-image=", "--agent-image: is empty"},
	{"load http://127.0.0.1:1/ --load-agents=1 --listen=x", "--listen x: want host:port"},
	{"gate --budget=p99<=1s --load-agents=-1 --start-agents=local:1", "--load-agents -1: must be 0 to 256"},
	{"gate --budget=p99<=1s --load-agents=1 --listen=x", "--listen x: want host:port"},
	{"gate --budget=p99<=1s --load-agents=1 --listen=10.0.0.1:4333 --token-file=nothing", "--token-file: "},
	{"gate --budget=p99<=1s --load-agents=1 --nats=x", `--nats "x": want the address`},
	{"gate --budget=p99<=1s --load-agents=1 --nats=nats://h:1 --creds=nothing", "--creds: "},
	{"gate --budget=p99<=1s --serve-agent=h --listen=127.0.0.1:0", "--serve-agent h: want any"},
	{"gate --budget=p99<=1s --start-agents=local:0", "--start-agents local:0: want local:N"},
	{"gate --budget=p99<=1s --start-agents=local:1 --agent-join=x", `--agent-join "x": want the address`},
	{"gate --budget=p99<=1s --start-agents=local:1 --agents-within=-1s", "--agents-within -1s: must be above 0"},
	{"gate --budget=p99<=1s --start-agents=kubernetes:1 --listen=10.0.0.1:4333 --agent-image=", "--agent-image: is empty"},
	{"gate --base-rev=a --start=x --serve-agent=any --listen=127.0.0.1:0", "--base-rev checks both revisions out on this host"},
	{"gate --budget=p99<=1s --serve-agent=any --start-agents=local:1", "--serve-agent: --start-agents=local:1 starts load agents alone"},
	{"load http://127.0.0.1:1/ --load-agents=1 --listen=127.0.0.1:0 --apply", "--apply goes with --start-agents=kubernetes"},
	{"load http://127.0.0.1:1/ --load-agents=1 --listen=127.0.0.1:0 --agent-join=nats://127.0.0.1:1", "--agent-join goes with --start-agents"},
	{"load http://127.0.0.1:1/ --start-agents=ssh:h --listen=0.0.0.0:4333 --token-file=nothing", "--agent-join: the agents of --start-agents need an address to dial"},
	{"agent --join=x --load", `--join "x": want the address`},
	{"agent --join=nats://h:1 --load --allow-target=*", "--allow-target "},
	{"agent --join=nats://h:1 --load --token-file=nothing", "--token-file: "},
	{"agent --join=nats://h:1 --load --creds=nothing", "--creds: "},
	{"agent --join=nats://h:1 --serve --serve-address=x", "--serve-address x: want an IP address"},
	{"agents --listen=x", "--listen x: want host:port"},
	{"agents --listen=127.0.0.1:0 --token-file=nothing", "--token-file: "},
	{"agents --nats=x", `--nats "x": want the address`},
	{"agents --nats=nats://h:1 --creds=nothing", "--creds: "},
	{"serve --model=x", `--model: unknown model "x"`},
	{"serve --listen=x", "--listen x: must be host:port"},
	{"serve --front=x", `--front: unknown front "x"`},
	{"serve --tls-listen=x", "--tls-listen x: must be host:port"},
	{"serve --h2c-listen=x", "--h2c-listen x: must be host:port"},
	{"serve --certificate=x", "--certificate: "},
	{"serve --module=v3", "--module v3: must be v1 or v2"},
	{"serve --web-config=nothing", "--web-config: "},
	{"serve --app=nothing", "--app: "},
	{"serve --readiness-poll=-1s", "--readiness-poll -1s: must not be negative"},
	{"serve --request-log=nowhere/log", "--request-log: "},
	{"serve --static-files=nothing", "--static-files: "},
	{"serve --basic-auth=nothing", "--basic-auth: "},
	{"serve --negotiate-keytab=nothing", "--negotiate-keytab: "},
	{"serve --path-base=/", "--path-base /: must be a path below the site"},
	{"serve --tls --client-ca=serve.go --client-certificates=perhaps", "--client-certificates perhaps: must be accept or require"},
	{"serve --client-certificates=require --client-ca=serve.go", "--client-certificates require: there are none without TLS"},
	{"serve --tls --client-certificates=require", "--client-ca: missing"},
	{"serve --tls --client-certificates=require --client-ca=serve.go", "--client-ca: "},
	{"serve --negotiate-principal=HTTP/x", "--negotiate-principal HTTP/x: needs a keytab"},
	{"load http://127.0.0.1:1/ --connections=0", "-c, --connections 0: "},
	{"load http://127.0.0.1:1/ --duration=-1s", "-d, --duration -1s: "},
	{"load http://127.0.0.1:1/ --rate=fast", "-r, --rate fast: "},
	{"load http://127.0.0.1:1/ --rate2=fast", "-R, --rate2 fast: "},
	{"load http://127.0.0.1:1/ -r 5 --ramp=fast", "--ramp fast: "},
	{"load http://127.0.0.1:1/ --method=a,b", `-m, --method "a,b": is no token`},
	{"load http://127.0.0.1:1/ --header=x", "-H, --header: want"},
	{"load http://127.0.0.1:1/ --header=Host:", "-H, --header Host: "},
	{"load http://127.0.0.1:1/ --body=@nothing", "--body: "},
	{"load http://127.0.0.1:1/ --cacert=nothing", "--cacert: "},
	{"load http://127.0.0.1:1/ --timeout=0", "--timeout 0: "},
	{"load http://127.0.0.1:1/ --threads=-1", "-t, --threads -1: "},
	{"load http://127.0.0.1:1/ --engine=x", "--engine=x: "},
	{"load http://127.0.0.1:1/ --spin=x", "--spin: "},
	{"load http://127.0.0.1:1/ --vegeta-results=nowhere/x", "--vegeta-results: "},
	{"load http://127.0.0.1:1/ --hgrm=nowhere/x", "--hgrm: "},
	{"load http://127.0.0.1:1/ --max-errors=x", "--max-errors x: "},
	{"load http://127.0.0.1:1/ --slo=x", "--slo x: "},
	{"load http://127.0.0.1:1/ --expect=2xx,1", "--expect 2xx,1: expected status \"1\""},
	{"load http://127.0.0.1:1/ --requests=0", "-n, --requests 0: "},
	{"load http://127.0.0.1:1/ --requests=1M -r 1/m", "-n, --requests 1M: take more than 24h"},
	{"load http://127.0.0.1:1/ --requests=200M", "-n, --requests 200M: want a whole number above 0 and up to 100000000"},
	{"load http://127.0.0.1:1/ --threshold=p99", "--threshold \"p99\": no <= or >="},
	{"load http://127.0.0.1:1/ --slo=pNaN=5ms", "--slo pNaN=5ms: "},
	{"load http://127.0.0.1:1/ --max-errors=NaN%", "--max-errors NaN%: "},
	{"load http://127.0.0.1:1/ --insecure", "--insecure: the URL does not begin with https://"},
	{"load http://127.0.0.1:1/ --seed=-1", "--seed -1: want a whole number from 0"},
	{"load http://127.0.0.1:1/ --stop-at-errors=0.5", "--stop-at-errors 0.5: want a share"},
	{"load http://127.0.0.1:1/ --path=x", "--path \"x\": must begin with a slash"},
	{"load http://127.0.0.1:1/ --request=1000", "--request: want 'METHOD PATH [WEIGHT]'"},
	{"load http://127.0.0.1:1/ --vars=nothing", "--vars: "},
	{"load http://127.0.0.1:1/ --vars-order=x", "--vars-order x: must be next or random"},
	{"load http://127.0.0.1:1/ --vars-order=next", "--vars-order is the order of the rows of --vars"},
	{"load http://127.0.0.1:1/ --path=/{{id}}", "--vars: variables: nothing gives {{id}} a value"},
	{"load http://127.0.0.1:1/ --expect-body-contains=@nothing", "--expect-body-contains: "},
	{"load http://127.0.0.1:1/ --expect-body-sha256=abc", "--expect-body-sha256 \"abc\": must be 64"},
	{"load http://127.0.0.1:1/ --expect-status=1", "--expect 1: expected status \"1\""},
	{"load http://127.0.0.1:1/ --header=@nothing", "-H, --header: "},
	{"load http://127.0.0.1:1/ --header=content-type:application/grpc", "-H, --header content-type: gRPC is not supported"},
	{"load http://127.0.0.1:1/ --method=CONNECT", "-m, --method CONNECT: opens a tunnel"},
	{"gate --base=a --head=b --processes=a.server=pid:1", "--processes is for servers that run already"},
	{"run --method=a,b", `-m, --method "a,b": is no token`},
	{"run --header=x", "-H, --header: want"},
	{"run --body=@nothing", "--body: "},
	{"run --expect=2xx,1", "--expect 2xx,1: expected status \"1\""},
	{"run --path=x", "--path \"x\": must begin with a slash"},
	{"run --request=1000", "--request: want 'METHOD PATH [WEIGHT]'"},
	{"run --vars=nothing", "--vars: "},
	{"run --vars-order=x", "--vars-order x: must be next or random"},
	{"run --vars-order=next", "--vars-order is the order of the rows of --vars"},
	{"run --path=/{{id}}", "--vars: variables: nothing gives {{id}} a value"},
	{"run --expect-body-contains=@nothing", "--expect-body-contains: "},
	{"run --expect-body-sha256=abc", "--expect-body-sha256 \"abc\": must be 64"},
	{"run --expect-status=1", "--expect 1: expected status \"1\""},
	{"run --header=@nothing", "-H, --header: "},
	{"run --header=content-type:application/grpc", "-H, --header content-type: gRPC is not supported"},
	{"run --method=CONNECT", "-m, --method CONNECT: opens a tunnel"},
	{"run --insecure", "--insecure and --http2 are for servers of your own"},
	{"run --http2", "--insecure and --http2 are for servers of your own"},
	{"run --rate=5 --target a=http://127.0.0.1:1/ --target b=https://127.0.0.1:1/", "some targets have TLS and others have not"},
	{"run --rate=5 --insecure --target a=http://127.0.0.1:1/ --target b=http://127.0.0.1:2/", "--insecure: no URL begins with https://"},
	{"run --rate=5 --target a=grpc://127.0.0.1:1/ --target b=http://127.0.0.1:2/", "--target a=grpc://127.0.0.1:1/: gRPC is not supported"},
	{"run --header=Host:x", "-H, --header Host: is for servers of your own"},
	{"run --profile=curve --path=/a", "--method, --path and --body: phase cpu 0 of profile curve varies the request itself"},
	{"run --profile=curve --request=/a", "--request: phase cpu 0 of profile curve varies the request itself"},
	{"load http://127.0.0.1:1/a --request=/b", "--request has the path: leave /a out of the URL"},
	{"load grpc://127.0.0.1:1/a", "\"grpc://127.0.0.1:1/a\": gRPC is not supported"},
	{"gate --base=a --head=b --margin=x", "--margin x: "},
	{"gate --base=a --head=b --metric=x", "--metric x: "},
	{"gate --budget=x", `--budget "x": `},
	{"gate --base=a --head=b --method=a,b", `-m, --method "a,b": is no token`},
	{"gate --base=a --head=b --header=x", "-H, --header: want"},
	{"gate --base=a --head=b --body=@nothing", "--body: "},
	{"gate --base=a --head=b --expect=2xx,1", "--expect 2xx,1: expected status \"1\""},
	{"gate --base=a --head=b --request=1000", "--request: want 'METHOD PATH [WEIGHT]'"},
	{"gate --base=a --head=b --vars=nothing", "--vars: "},
	{"gate --base=a --head=b --vars-order=x", "--vars-order x: must be next or random"},
	{"gate --base=a --head=b --vars-order=next", "--vars-order is the order of the rows of --vars"},
	{"gate --base=a --head=b --path=/{{id}}", "--vars: variables: nothing gives {{id}} a value"},
	{"gate --base=a --head=b --expect-body-contains=@nothing", "--expect-body-contains: "},
	{"gate --base=a --head=b --expect-body-sha256=abc", "--expect-body-sha256 \"abc\": must be 64"},
	{"gate --base=a --head=b --expect-status=1", "--expect 1: expected status \"1\""},
	{"gate --base=a --head=b --header=@nothing", "-H, --header: "},
	{"gate --base=a --head=b --header=content-type:application/grpc", "-H, --header content-type: gRPC is not supported"},
	{"gate --base=a --head=b --method=CONNECT", "-m, --method CONNECT: opens a tunnel"},
	{"gate --base=a --head=b --request=/x --path=/y", "--request has the method and the path: it takes no --path"},
	{"gate --base=a --head=b --path=/{{id}}", "--vars: variables: nothing gives {{id}} a value"},
	{"gate --base=a --head=b --path=x", `--path "x": must begin with a slash`},
	{"gate --base=a --head=b --markdown=nowhere/x", "--markdown: "},
	{"gate --base=a --head=b --junit=nowhere/x", "--junit: "},
	{"gate --base=a --head=b --out=flag_faults_test.go/x", "--out flag_faults_test.go/x: "},
	{"gate --base=a --head=b --append-history=nowhere/x", "--append-history: "},
	{"gate --build=x --budget=p99<=1ms", "--build and --start go with"},
	{"gate --start=x --budget=p99<=1ms", "--build and --start go with"},
	{"gate --base=a", "--base and --head go together"},
	{"gate --head=a", "--base and --head go together"},
	{"gate --base-rev=a", "--base-rev needs --start"},
	{"gate --against=nothing", "--against: "},
	{"gate --result=nothing", "--result: "},
	{"gate --base=a --head=b --profile=x", `--profile "x": `},
	{"gate --base=a --head=b --rate=0", "--rate 0: "},
	{"gate --base=a --head=b --launches=-1", "--launches: -1"},
	{"gate --app=nothing --budget=p99<=1s", "--app: "},
	{"gate --web-config=nothing --budget=p99<=1s", "--web-config: "},
	{"gate --base=a --head=b --target=x", "--target x: nothing beside the baseline base has this name"},
	{"gate --base=a --head=b --max-time=-1s", "--max-time: -1s: must be above 0"},
	{"gate --base=a --head=b --engine=x", "--engine: unknown engine"},
	{"gate --budget=p99<=1ms --model=x", `--model: unknown model "x"`},
	{"gate --seed=-1", "--seed -1: want a whole number from 0"},
	{"calibrate --launches=0", "--launches: 0"},
	{"calibrate --rate=0", "--rate 0: "},
	{"calibrate --profile=x", `--profile "x": `},
	{"calibrate --out=flag_faults_test.go/x", "--out flag_faults_test.go/x: "},
	{"calibrate --seed=-1", "--seed -1: want a whole number from 0"},
	{"selftest --inject=x", "--inject x: "},
	{"selftest --metric=x", "--metric x: "},
	{"selftest --extra=-1s", "--extra -1s: "},
	{"selftest --extra=1ms --rate=0", "--rate 0: "},
	{"selftest --extra=1ms --launches=-1", "--launches: -1"},
	{"selftest --extra=1ms --profile=x", `--profile "x": `},
	{"selftest --out=flag_faults_test.go/x", "--out flag_faults_test.go/x: "},
	{"selftest --seed=-1", "--seed -1: want a whole number from 0"},
	{"doctor --watch=1s", "--watch=1s: "},
	{"predict --app-time=-1s --at-rate=5 nothing", "--app-time=-1s: "},
	{"predict --app-time=1s --at-rate=x nothing", "--at-rate x: "},
	{"export --format=x nothing", "--format=x: "},
	{"export --output=nowhere/x nothing", "--output: "},
	{"report --format=x nothing", "--format=x: the formats of report are text, markdown"},
	{"report --format=junit nothing", "--format=junit: report has none, and gate has one"},
	{"report --format=csv --json nothing", "--format=csv and --json exclude each other"},
	{"report --output=nowhere/x nothing", "--output: "},
	{"report --quiet --verbose nothing", "-q, --quiet and -v, --verbose exclude each other"},
	{"compare --format=x nothing nothing", "--format=x: "},
	{"compare --markdown --json nothing nothing", "--json and --markdown exclude each other"},
	{"compare --output=nowhere/x nothing nothing", "--output: "},
	{"gate --budget=p99<=1ms --app=nothing", "--app: "},
	{"gate --budget=p99<=1ms --web-config=nothing", "--web-config: "},
	{"load http://127.0.0.1:1/ --html=nowhere/x", "--html: "},
	{"gate --budget=p99<=1ms --format=x", "--format=x: "},
	{"gate --budget=p99<=1ms --output=nowhere/x", "--output: "},
}

// anyValue are flags that take any text, or one whose fault is seen only when there is
// something to write or a run to look into.
var anyValue = map[string]bool{
	"between-runs": true, "history": true, // need a stored run first
	"predict target": true, "report target": true, "report check": true, "report metrics": true, // need a run first
}

// refusal is what a command line is answered with. What is not refused does not run.
func refusal(t *testing.T, line string) error {
	t.Helper()
	return refusalOf(t, strings.Fields(line))
}

func refusalOf(t *testing.T, args []string) error {
	t.Helper()
	done, cancel := context.WithCancel(context.Background())
	cancel()
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(t.Output())
	root.SetErr(t.Output())
	return root.ExecuteContext(done)
}

func TestFaultsNameTheFlag(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	for _, c := range flagFaults {
		if err := refusal(t, c.line); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("ancmbench %s: %v, want %q", c.line, err, c.want)
		}
	}
}

// A flag that can be given wrongly has its line above.
func TestEveryFlagHasItsFault(t *testing.T) {
	for _, c := range newRoot().Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Value.Type() == "bool" || anyValue[f.Name] || anyValue[c.Name()+" "+f.Name] || faulted(c, f) {
				return
			}
			t.Errorf("ancmbench %s --%s: no line says what a wrong value is answered with", c.Name(), f.Name)
		})
	}
}

func faulted(c *cobra.Command, f *pflag.Flag) bool {
	for _, fault := range flagFaults {
		if strings.HasPrefix(fault.line, c.Name()+" ") && strings.Contains(fault.line, "--"+f.Name+"=") && strings.Contains(fault.want, "--"+f.Name) {
			return true
		}
	}
	return false
}
