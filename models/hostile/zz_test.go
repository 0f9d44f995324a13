package hostile_test
import ("testing";"ancmbench/models/hostile";"sync";"sort";"fmt";"strings";"os")
func TestZZ(t *testing.T){
 m:=map[string]map[string][]string{}; var mu sync.Mutex
 each(t, func(t *testing.T,p *place,r *hostile.Request){
  got:=exchange(p,p.dial,r.Input)
  want,todo:=expected(p,r); ok:=false; for _,w:=range want{ if w==got{ok=true}}
  if ok && todo=="" {return}
  if !ok && todo!="" {return}
  if ok {got="MENDED "+got}
  mu.Lock(); defer mu.Unlock()
  k:=r.Name+"  WANT "+strings.Join(want,"|"); if len(k)>200{k=k[:200]}
  if len(got)>90{got=got[:90]}
  if m[k]==nil{m[k]=map[string][]string{}}
  m[k][got]=append(m[k][got],p.name)
 })
 var ks []string; for k:=range m{ks=append(ks,k)}; sort.Strings(ks)
 f,_:=os.Create("/tmp/tl/matrix.txt")
 short:=strings.NewReplacer("in-process","in","out-of-process","out","nethttp","n","lean","L")
 for _,k:=range ks{ fmt.Fprintln(f,k); for g,ps:=range m[k]{sort.Strings(ps); fmt.Fprintf(f,"      %-60q %s\n",g,short.Replace(strings.Join(ps," ")))}}
}
