// fargo, in JSON or in XML.
package main

import (
	"github.com/hudl/fargo"

	"peerage/clients/console"
)

func main() {
	settings := console.ReadSettings()
	connection := connect(settings)
	own := instance(settings)
	console.Client{
		Register: func() error { return connection.RegisterInstance(own) },
		Beat:     func() error { return connection.HeartBeatInstance(own) },
		See:      func() ([]console.Instance, error) { return view(connection) },
		Commands: map[string]func() error{
			"out":  func() error { return connection.UpdateInstanceStatus(own, fargo.OUTOFSERVICE) },
			"back": func() error { return connection.UpdateInstanceStatus(own, fargo.UP) },
		},
		Cancel: func() error { return connection.DeregisterInstance(own) },
	}.Run()
}

func connect(settings console.Settings) *fargo.EurekaConnection {
	connection := fargo.NewConn(settings.URLs...)
	connection.UseJson = settings.Transport == "json"
	return &connection
}

func instance(settings console.Settings) *fargo.Instance {
	own := &fargo.Instance{
		InstanceId:        settings.ID,
		HostName:          settings.Host,
		App:               settings.App,
		IPAddr:            settings.IP,
		VipAddress:        settings.VIP,
		SecureVipAddress:  settings.SecureVIP,
		Status:            fargo.UP,
		Overriddenstatus:  fargo.UNKNOWN,
		Port:              settings.Port,
		PortEnabled:       true,
		SecurePort:        settings.SecurePort,
		SecurePortEnabled: settings.SecurePortEnabled,
		HomePageUrl:       settings.HomePageURL,
		StatusPageUrl:     settings.StatusPageURL,
		HealthCheckUrl:    settings.HealthCheckURL,
		DataCenterInfo:    fargo.DataCenterInfo{Name: fargo.MyOwn},
		LeaseInfo:         fargo.LeaseInfo{RenewalIntervalInSecs: 1, DurationInSecs: int32(settings.LeaseSeconds)},
	}
	for key, value := range settings.Metadata {
		own.SetMetadataString(key, value)
	}
	return own
}

func view(connection *fargo.EurekaConnection) ([]console.Instance, error) {
	applications, err := connection.GetApps()
	instances := []console.Instance{}
	for _, application := range applications {
		for _, seen := range application.Instances {
			instances = append(instances, console.Instance{
				App: seen.App, ID: seen.Id(), Status: string(seen.Status), Metadata: seen.Metadata.GetMap(),
			})
		}
	}
	return instances, err
}
