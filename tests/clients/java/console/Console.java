package clients;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What every Java client shares: settings in as JSON, its view of the registry out, commands from stdin. */
final class Console {
    /** Does what a command asks; its answer is printed. */
    interface Command {
        String run(String argument) throws Exception;
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private final Supplier<List<Map<String, Object>>> view;
    private final Map<String, Command> commands = new HashMap<>();

    /** The view is made of instances as {@link #described} makes them. */
    Console(Supplier<List<Map<String, Object>>> view) {
        this.view = view;
    }

    static JsonNode settings(String[] arguments) throws IOException {
        return JSON.readTree(arguments[0]);
    }

    static Map<String, String> metadata(JsonNode settings) {
        Map<String, String> metadata = new HashMap<>();
        settings.get("metadata").fields()
                .forEachRemaining(entry -> metadata.put(entry.getKey(), entry.getValue().asText()));
        return metadata;
    }

    /** The service URLs as Spring and Netflix want them: in one comma list. */
    static String urls(JsonNode settings) {
        StringBuilder urls = new StringBuilder();
        settings.get("urls").forEach(url -> urls.append(urls.isEmpty() ? "" : ",").append(url.asText()));
        return urls.toString();
    }

    static Map<String, Object> described(String app, String id, Enum<?> status, Map<String, String> metadata) {
        return Map.of("app", app, "id", id, "status", status.name(), "metadata", metadata);
    }

    Console on(String name, Command command) {
        commands.put(name, command);
        return this;
    }

    /** Returns at the command `stop`. Without a driver at the other end of stdin the process ends at once. */
    void run() throws Exception {
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(Console::daemon);
        clock.scheduleAtFixedRate(this::printView, 0, 500, TimeUnit.MILLISECONDS);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); !"stop".equals(line); line = input.readLine()) {
            if (line == null) {
                Runtime.getRuntime().halt(1);
            }
            obey(line.split(" ", 2));
        }
        clock.shutdown();
    }

    private void obey(String[] words) throws IOException {
        try {
            print("answer", commands.get(words[0]).run(words.length > 1 ? words[1] : ""));
        } catch (Exception failure) {
            print("answer", failure.toString());
        }
    }

    private void printView() {
        try {
            print("sees", view.get());
        } catch (Exception failure) {
            failure.printStackTrace();
        }
    }

    private static void print(String name, Object value) throws IOException {
        // In one piece, so that no line of a log gets into it.
        OUT.print(JSON.writeValueAsString(Map.of(name, value)) + "\n");
        OUT.flush();
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "console");
        thread.setDaemon(true);
        return thread;
    }
}
