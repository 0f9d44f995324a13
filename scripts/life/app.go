//go:build unix

package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"ancmbench"
	"ancmbench/models/dotnet"
)

// nodeApp is an app for Node with paths of the bundled app: /plaintext, /stream/{n} with
// pauses, /echo, /ws. When it is told to end, it notes that in the file SAID, finishes
// the open requests, closes its WebSockets properly, and ends.
const nodeApp = `const http=require("http"),fs=require("fs"),crypto=require("crypto");
const say=t=>fs.appendFileSync(process.env.SAID,process.pid+" "+t+"\n");
const sockets=new Set();let ending=false;
const end=()=>{if(ending)return;ending=true;say("told");
  for(const s of sockets)s.end(Buffer.from([0x88,2,0x03,0xe9]));
  server.close(()=>process.exit(0));server.closeIdleConnections()};
const server=http.createServer((q,a)=>{
  if(q.headers["ms-aspnetcore-event"]){a.statusCode=202;a.end(end);return}
  const n=/^\/stream\/(\d+)/.exec(q.url);
  if(n){let left=+n[1];a.writeHead(200,{"Content-Type":"text/event-stream"});
    const t=setInterval(()=>{a.write("data: tick\n\n");if(--left<=0){clearInterval(t);a.end("data: end\n\n")}},20);return}
  if(q.url==="/echo"){const b=[];q.on("data",d=>b.push(d));q.on("end",()=>a.end(Buffer.concat(b)));return}
  a.end("Hello, World!")
});
server.on("upgrade",(q,s)=>{
  const key=crypto.createHash("sha1").update(q.headers["sec-websocket-key"]+"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
  s.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+key+"\r\n\r\n");
  sockets.add(s);s.on("close",()=>sockets.delete(s));s.on("error",()=>{});
  let held=Buffer.alloc(0);
  s.on("data",d=>{held=Buffer.concat([held,d]);
    while(held.length>=6){ // short frames from a client alone: masked, below 126 bytes
      const n=held[1]&127;if(held.length<6+n)return;
      const mask=held.subarray(2,6),p=Buffer.from(held.subarray(6,6+n)).map((x,i)=>x^mask[i%4]),op=held[0]&15;
      held=held.subarray(6+n);
      if(op===8){s.end(Buffer.concat([Buffer.from([0x88,p.length]),p]));return}
      s.write(Buffer.concat([Buffer.from([0x80|op,p.length]),p]));
    }})
});
process.on("SIGTERM",end);
server.listen(process.env.ASPNETCORE_PORT,"127.0.0.1",()=>say("begins"));
`

// hosted is an app that is taken through its life.
type hosted struct {
	name  string
	model ancmbench.Model
	lay   func(dir string) error // puts its files into the folder
	start string                 // processPath and arguments; empty is the bundled app in the worker
}

// apps returns the apps that this machine can host, and why it cannot host the others.
func apps(ctx context.Context) (out []hosted, missing []string, err error) {
	out = append(out, hosted{"ours", ancmbench.InProcess, func(string) error { return nil }, ""})
	if _, err := exec.LookPath("node"); err != nil {
		missing = append(missing, "the Node app: node is not on this machine")
	} else {
		out = append(out, hosted{"Node", ancmbench.OutOfProcess, layNode, `processPath="node" arguments="app.js"`})
	}
	sdk, err := dotnet.Find()
	if err != nil {
		return out, append(missing, "the C# app: "+err.Error()), nil
	}
	from, err := sdk.Publish(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, kv := range sdk.Environment() { // the worker finds dotnet on its PATH
		name, value, _ := strings.Cut(kv, "=")
		if err := os.Setenv(name, value); err != nil {
			return nil, nil, err
		}
	}
	lay := func(dir string) error {
		return errors.Join(os.CopyFS(dir, os.DirFS(from)), os.Remove(filepath.Join(dir, "web.config")))
	}
	return append(out, hosted{"C#", ancmbench.OutOfProcess, lay, `processPath="dotnet" arguments=".\app.dll"`}), missing, nil
}

func layNode(dir string) error {
	return os.WriteFile(filepath.Join(dir, "app.js"), []byte(nodeApp), 0o600)
}

// webConfig returns a web.config that hosts the app. The app notes in the file said when it
// starts and when it is told to end. changed makes the text differ.
func (h hosted) webConfig(said, changed string) string {
	model := "outofprocess"
	if h.model == ancmbench.InProcess {
		model = "inprocess"
	}
	return `<configuration><system.webServer><aspNetCore ` + h.start + ` hostingModel="` + model + `" shutdownTimeLimit="5"><environmentVariables>
<environmentVariable name="SAID" value="` + said + `"/><environmentVariable name="CHANGED" value="` + changed + `"/>
<environmentVariable name="Logging__LogLevel__Default" value="Warning"/>
</environmentVariables></aspNetCore></system.webServer></configuration>
`
}
