// Command clrstress runs an app of .NET in-process while everything disturbs it: see
// scripts/clr-stress.sh.
package main
