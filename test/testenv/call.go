package testenv

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Call sends a request of whom the token belongs to, with body as JSON unless
// it is nil, and decodes the answer into target unless that is nil. The answer
// is read to its end. Any status but a 2xx is an error, which tells the status
// and the answer.
func Call(ctx context.Context, client *http.Client, token, method, url string, body, target any) error {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, url, &content)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s answered %s: %.300s", method, url, response.Status, answer)
	}
	if target == nil {
		return nil
	}
	return json.Unmarshal(answer, target)
}
