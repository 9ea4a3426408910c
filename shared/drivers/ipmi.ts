/** Keys of `driver_info`, as Ironic names them, for `GET /v1/drivers/ipmi/properties`. */
export const IPMI_PROPERTIES: Readonly<Record<string, string>> = {
  ipmi_address: 'IP address or hostname of the BMC. Required.',
  ipmi_port: 'UDP port of the BMC. Optional.',
  ipmi_username: 'Account of the BMC. Optional.',
  ipmi_password: 'Its password. Kept apart from the node, never shown. Optional.',
  ipmi_priv_level: 'ADMINISTRATOR (default), OPERATOR, USER or CALLBACK. Optional.',
  hook: "Which of the configuration's hooks switches the machine, for power_interface and management_interface hook.",
};

/** Nothing here speaks IPMI: it is UDP, which reaches a BMC only from its own site. */
export const NO_IPMI =
  'Nothing here speaks IPMI. Set power_interface and management_interface to hook, so that code of your own does, ' +
  'or use driver redfish or manual.';
