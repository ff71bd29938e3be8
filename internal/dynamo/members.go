package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/roomcast/roomcast/internal/realtime"
)

// Members implements [realtime.Connections].
func (c *Connections) Members(ctx context.Context, roomID string, shard, limit int) ([]realtime.Member, error) {
	members, err := c.members(ctx, shardPK(roomID, shard), limit)
	if err != nil {
		return nil, fmt.Errorf("query shard %d of room %q: %w", shard, roomID, err)
	}
	return members, nil
}

// OfUser implements [realtime.Connections].
func (c *Connections) OfUser(ctx context.Context, userID string) ([]realtime.Member, error) {
	members, err := c.members(ctx, userPK(userID), 0)
	if err != nil {
		return nil, fmt.Errorf("query user %q: %w", userID, err)
	}
	return members, nil
}

// members returns what one partition lists, page by page to its end or to the
// limit, if that is above 0.
func (c *Connections) members(ctx context.Context, pk string, limit int) ([]realtime.Member, error) {
	in := &dynamodb.QueryInput{
		TableName:                &c.table,
		ConsistentRead:           aws.Bool(true),
		KeyConditionExpression:   aws.String("#pk = :pk"),
		FilterExpression:         aws.String("#ttl > :now"),
		ProjectionExpression:     aws.String("#connectionId, #userId, #connectedAt"),
		ExpressionAttributeNames: names(attrPK, attrTTL, attrConnectionID, attrUserID, attrConnectedAt),
		ExpressionAttributeValues: item{
			":pk":  text(pk),
			":now": number(c.now().Unix()),
		},
	}
	if limit > 0 {
		in.Limit = aws.Int32(int32(limit))
	}
	var members []realtime.Member
	for {
		page, err := c.api.Query(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, i := range page.Items {
			members = append(members, item(i).member())
		}
		if limit > 0 && len(members) >= limit {
			return members[:limit], nil
		}
		// A page may be empty, of rows that have expired, and not the last.
		if in.ExclusiveStartKey = page.LastEvaluatedKey; len(page.LastEvaluatedKey) == 0 {
			return members, nil
		}
	}
}

// names lets an expression name attributes as #attribute, which it has to
// where the name is one of DynamoDB's many reserved words.
func names(attrs ...string) map[string]string {
	m := make(map[string]string, len(attrs))
	for _, a := range attrs {
		m["#"+a] = a
	}
	return m
}
