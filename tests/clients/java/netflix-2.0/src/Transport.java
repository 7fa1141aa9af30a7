package clients;

import com.netflix.appinfo.ApplicationInfoManager;
import com.netflix.discovery.DiscoveryClient;
import com.netflix.discovery.EurekaClient;
import com.netflix.discovery.EurekaClientConfig;
import com.netflix.discovery.Jersey3DiscoveryClientOptionalArgs;
import com.netflix.discovery.shared.transport.jersey3.Jersey3TransportClientFactories;

/** Line 2 wants its transport named: here Jersey 3. */
final class Transport {
    static EurekaClient connect(ApplicationInfoManager manager, EurekaClientConfig config) {
        return new DiscoveryClient(
                manager, config, Jersey3TransportClientFactories.getInstance(), new Jersey3DiscoveryClientOptionalArgs());
    }
}
