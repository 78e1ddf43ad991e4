package cardfile

import "testing"

func TestShippedLayoutsFulfilTheirVectors(t *testing.T) {
	t.Parallel()
	all, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		if err := l.Test(); err != nil {
			t.Errorf("%s: %v", l.Name(), err)
		}
	}
}
