package local

import (
	"fmt"
	"os"
	"path/filepath"
)

// endpointRules are the folders of the emulated services in botocore's data.
var endpointRules = []string{
	"dynamodb/2012-08-10", "secretsmanager/2017-10-17", "sqs/2012-11-05", "ssm/2014-11-06",
}

// BotocoreData returns a folder of data for botocore that directs these services to
// this cloud. Set AWS_DATA_PATH to it. boto3 1.26 and 1.27 and the AWS CLI of that
// time need it because they do not read AWS_ENDPOINT_URL. Close removes the folder.
//
// https://botocore.amazonaws.com/v1/documentation/api/latest/reference/loaders.html
func (c *Cloud) BotocoreData() (string, error) {
	temp, err := c.scratch()
	if err != nil {
		return "", err
	}
	// An endpoint that the program sets has precedence.
	const rules = `{"version":"1.0",` +
		`"parameters":{"Endpoint":{"builtIn":"SDK::Endpoint","required":false,"type":"String"}},` +
		`"rules":[{"conditions":[{"fn":"isSet","argv":[{"ref":"Endpoint"}]}],"type":"endpoint","endpoint":{"url":{"ref":"Endpoint"},"properties":{},"headers":{}}},` +
		`{"conditions":[],"type":"endpoint","endpoint":{"url":%q,"properties":{},"headers":{}}}]}`
	dir := filepath.Join(temp, "botocore")
	for _, service := range endpointRules {
		folder := filepath.Join(dir, filepath.FromSlash(service))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return "", fmt.Errorf("write the endpoints for botocore: %w", err)
		}
		text := fmt.Appendf(nil, rules, c.Endpoint())
		if err := os.WriteFile(filepath.Join(folder, "endpoint-rule-set-1.json"), text, 0o644); err != nil {
			return "", fmt.Errorf("write the endpoints for botocore: %w", err)
		}
	}
	return dir, nil
}
