package cardfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"testing"
)

// mutants are copies of a vector in each of which one byte, or one value, is another.
func (v Vector) mutants(each func(what string, mutant Vector)) {
	for what, part := range map[string]func(*Vector) *map[string]hexBytes{
		"image": func(v *Vector) *map[string]hexBytes { return &v.Image }, "after": func(v *Vector) *map[string]hexBytes { return &v.After },
		"keys": func(v *Vector) *map[string]hexBytes { return &v.Keys },
	} {
		for name, b := range *part(&v) {
			for i := range b {
				mutant := v
				changed := maps.Clone(*part(&v))
				changed[name] = bytes.Clone(b)
				changed[name][i] ^= byte(1 << (i % 8))
				*part(&mutant) = changed
				each(fmt.Sprintf("byte %d of %s %s", i, what, name), mutant)
			}
		}
	}
	for what, part := range map[string]func(*Vector) *map[string]any{
		"contents": func(v *Vector) *map[string]any { return &v.Contents }, "order": func(v *Vector) *map[string]any { return &v.Order },
	} {
		for name, value := range *part(&v) {
			mutant := v
			changed := maps.Clone(*part(&v))
			changed[name] = other(value)
			*part(&mutant) = changed
			each(what+" "+name, mutant)
		}
	}
	for name := range v.Copies {
		mutant := v
		mutant.Copies = maps.Clone(v.Copies)
		mutant.Copies[name] = "torn"
		each("copies "+name, mutant)
	}
}

// other is a value like this one that is not this one.
func other(value any) any {
	if n, ok := value.(json.Number); ok {
		i, _ := n.Int64()
		return json.Number(fmt.Sprint(i + 10))
	}
	b := []byte(value.(string))
	b[len(b)-1] ^= 1
	return string(b)
}

// TestEveryByteOfAVectorCounts is the mutation test: no byte of any shipped vector can change unnoticed.
func TestEveryByteOfAVectorCounts(t *testing.T) {
	t.Parallel()
	all, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, l := range all {
		n := 0
		for _, v := range l.Vectors {
			v.mutants(func(what string, mutant Vector) {
				if n++; mutant.test(l) == nil {
					t.Errorf("%s: %s: %s was changed, and nobody noticed", l.Name(), v.Name, what)
				}
			})
		}
		if n < 50 {
			t.Errorf("%s: only %d mutants", l.Name(), n)
		}
		total += n
	}
	t.Logf("%d mutants of %d layouts, all refused", total, len(all))
}
