package clients;

import com.netflix.appinfo.ApplicationInfoManager;
import com.netflix.discovery.DiscoveryClient;
import com.netflix.discovery.EurekaClient;
import com.netflix.discovery.EurekaClientConfig;

/** Line 1.10 brings Jersey 1 along. */
final class Transport {
    static EurekaClient connect(ApplicationInfoManager manager, EurekaClientConfig config) {
        return new DiscoveryClient(manager, config);
    }
}
