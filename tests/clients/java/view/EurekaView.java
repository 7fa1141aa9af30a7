package clients;

import com.netflix.discovery.EurekaClient;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What Netflix's library, alone or under Spring, knows of the registry. */
final class EurekaView {
    static List<Map<String, Object>> of(EurekaClient client) {
        return client.getApplications().getRegisteredApplications().stream()
                .flatMap(application -> application.getInstances().stream())
                .map(instance -> Console.described(
                        instance.getAppName(), instance.getId(), instance.getStatus(), instance.getMetadata()))
                .collect(Collectors.toList());
    }
}
