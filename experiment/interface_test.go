package experiment

import (
	"reflect"
	"testing"

	"ancmbench/models"
	"ancmbench/models/peers"
)

// The runner reaches what it measures through targets.Running alone: nothing that it holds
// is a site or a server of this machine, because a target may run on another one.
func TestRunnerHoldsNoProcesses(t *testing.T) {
	local := map[reflect.Type]bool{reflect.TypeFor[models.Site](): true, reflect.TypeFor[peers.Server](): true}
	if path := holds(reflect.TypeFor[struct{ A []map[string]*models.Site }](), local, nil); path == "" {
		t.Fatal("the search finds no site where there is one")
	}
	for _, held := range []reflect.Type{reflect.TypeFor[runner](), reflect.TypeFor[target](), reflect.TypeFor[counters](), reflect.TypeFor[Config]()} {
		if path := holds(held, local, nil); path != "" {
			t.Errorf("%s holds a process: %s", held, path)
		}
	}
}

// holds returns the way from a type to one of some types, through fields, elements,
// parameters and results; "" if there is none.
func holds(in reflect.Type, of map[reflect.Type]bool, seen map[reflect.Type]bool) string {
	if seen == nil {
		seen = map[reflect.Type]bool{}
	}
	if of[in] {
		return in.String()
	}
	if seen[in] {
		return ""
	}
	seen[in] = true
	var parts []reflect.Type
	switch in.Kind() {
	case reflect.Struct:
		for i := range in.NumField() {
			if way := holds(in.Field(i).Type, of, seen); way != "" {
				return in.Field(i).Name + "." + way
			}
		}
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		parts = append(parts, in.Elem())
	case reflect.Map:
		parts = append(parts, in.Key(), in.Elem())
	case reflect.Func:
		for i := range in.NumIn() {
			parts = append(parts, in.In(i))
		}
		for i := range in.NumOut() {
			parts = append(parts, in.Out(i))
		}
	case reflect.Interface:
		for i := range in.NumMethod() {
			parts = append(parts, in.Method(i).Type)
		}
	}
	for _, p := range parts {
		if way := holds(p, of, seen); way != "" {
			return way
		}
	}
	return ""
}
