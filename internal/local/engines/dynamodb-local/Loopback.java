import java.io.IOException;
import java.lang.reflect.Field;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

/**
 * Starts DynamoDB Local, in memory, on a free port of 127.0.0.1.
 *
 * <p>Its own main program listens on every address and has no option against that, so its server is
 * made here and told where to listen before it starts.
 */
public final class Loopback {
    private Loopback() {}

    public static void main(String[] args) throws Exception {
        endWithParent();
        // Without sharedDb every access key, so every function, would have tables of its own.
        DynamoDBProxyServer proxy = ServerRunner.createServerFromCommandLineArgs(
                new String[] {"-inMemory", "-sharedDb", "-disableTelemetry"});
        Field field = DynamoDBProxyServer.class.getDeclaredField("server");
        field.setAccessible(true);
        ServerConnector connector = (ServerConnector) ((Server) field.get(proxy)).getConnectors()[0];
        connector.setHost("127.0.0.1");
        connector.setPort(0);
        proxy.start();
        // The one line that the parent waits for.
        System.out.println("{\"port\":" + connector.getLocalPort() + "}");
    }

    /** The end of stdin is the end of the parent, however it came about. */
    private static void endWithParent() {
        Thread watch = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    // Nothing is ever sent.
                }
            } catch (IOException gone) {
                // That is the end of the parent, too.
            }
            Runtime.getRuntime().halt(0);
        });
        watch.setDaemon(true);
        watch.start();
    }
}
