//go:build store

package testdb

import "testing"

func TestNewDatabase_IsEmptyAndTakesAllOfUnicode(t *testing.T) {
	EachDriver(t, func(t *testing.T, database *Database) {
		db, err := database.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if _, err := db.Exec("CREATE TABLE words (word VARCHAR(100))"); err != nil {
			t.Fatal(err)
		}
		const want = "障害 🔥 שלום"
		if _, err := db.Exec("INSERT INTO words VALUES ('" + want + "')"); err != nil {
			t.Fatal(err)
		}
		var got string
		if err := db.QueryRow("SELECT word FROM words").Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("stored %q, read %q", want, got)
		}
	})
}

func TestNewFixtureDatabase_HasTheDumpsIncidents(t *testing.T) {
	for _, driver := range Drivers {
		t.Run(string(driver), func(t *testing.T) {
			db, err := NewFixtureDatabase(t, driver).Open()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			var incidents int
			if err := db.QueryRow("SELECT COUNT(*) FROM IR_Incident").Scan(&incidents); err != nil {
				t.Fatal(err)
			}
			if incidents != 5 {
				t.Errorf("the dump has %d incidents, want 5", incidents)
			}
		})
	}
}
