package models_test

import (
	"os"
	"testing"

	"ancmbench/models"
	"ancmbench/models/app"
)

func TestMain(m *testing.M) {
	models.RunRole(app.Handler()) // this binary is its own was, worker and app
	os.Exit(m.Run())
}
