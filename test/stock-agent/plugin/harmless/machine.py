"""The hardware of <machine>/machine.json. What talks to the service stays stock; what would touch hardware does not."""
import json
import os
import time

from ironic_python_agent import errors
from ironic_python_agent import hardware
from ironic_python_agent import tls_utils

from harmless import guard

guard.install()
with open(os.path.join(guard.HOME, 'machine.json')) as _file:
    MACHINE = json.load(_file)
DISK = os.path.join(guard.HOME, 'sda.img')
GIB = 1024 ** 3


class HarmlessMachine(hardware.GenericHardwareManager):
    HARDWARE_MANAGER_NAME = 'nodeless_harmless'
    HARDWARE_MANAGER_VERSION = '1'

    def evaluate_hardware_support(self):
        return hardware.HardwareSupport.SERVICE_PROVIDER

    def initialize(self):
        pass

    def wait_for_disks(self):
        pass

    # Inventory

    def list_network_interfaces(self):
        return [hardware.NetworkInterface('eth%d' % i, mac, ipv4_address='127.0.0.1', has_carrier=True,
                                          vendor='0x1af4', product='0x0001', lldp=[])
                for i, mac in enumerate(MACHINE['macs'])]

    def get_cpus(self):
        return hardware.CPU('Harmless CPU', 2600, 8, 'x86_64')

    def get_memory(self):
        return hardware.Memory(16 * GIB, physical_mb=16384)

    def list_block_devices(self, *args, **kw):
        return [hardware.BlockDevice('/dev/sda', 'Harmless SSD', 10 * GIB, False, vendor='NODELESS',
                                     serial=MACHINE['serial'] + '-D0', wwn='0x5000c50000000001', hctl='0:0:0:0')]

    def get_system_vendor_info(self):
        return hardware.SystemVendorInfo('Harmless 1', MACHINE['serial'], 'Nodeless',
                                         hardware.SystemFirmware('Nodeless', '1.0', '01/01/2026'))

    def get_boot_info(self):
        return hardware.BootInfo('uefi', pxe_interface=MACHINE['macs'][0])

    def get_bmc_address(self):
        return None

    def get_bmc_v6address(self):
        return None

    def get_bmc_mac(self):
        raise errors.IncompatibleHardwareMethodError()

    def get_ipv4_addr(self, interface_id):
        return '127.0.0.1'

    def get_usb_devices(self):
        return []

    def collect_lldp_data(self, *args, **kw):
        return {}

    def list_hardware_info(self):
        info = hardware.HardwareManager.list_hardware_info(self)
        info['hostname'] = MACHINE['serial'].lower()
        return info

    def generate_tls_certificate(self, ip_address):
        """Stock, but in this machine's folder: the stock one lies in /run."""
        cert, key = (os.path.join(guard.HOME, 'agent.' + end) for end in ('crt', 'key'))
        text = tls_utils._generate_tls_certificate(cert, key, MACHINE['serial'].lower(), ip_address)
        return tls_utils.TlsCertificate(text, cert, key)

    # The disk

    def get_os_install_device(self, *args, **kw):
        super().get_os_install_device(*args, **kw)  # the stock choice, with its second lookup
        return DISK

    def _empty_disk(self):
        with open(DISK, 'wb'):
            pass

    def erase_devices(self, node, ports, *args, **kw):
        self._empty_disk()
        return {}

    def erase_devices_metadata(self, node, ports, *args, **kw):
        self._empty_disk()

    erase_devices_express = erase_devices_metadata

    def erase_block_device(self, node, block_device):
        self._empty_disk()

    def full_sync(self):
        pass

    def filter_device(self, device):
        return None

    # Steps

    DAWDLE = {'step': 'dawdle', 'priority': MACHINE.get('dawdlePriority', 0), 'interface': 'deploy',
              'reboot_requested': False}

    def get_deploy_steps(self, node, ports):
        return super().get_deploy_steps(node, ports) + [self.DAWDLE]

    def get_clean_steps(self, node, ports):
        return super().get_clean_steps(node, ports) + [self.DAWDLE]

    def dawdle(self, node, ports, **kw):
        """Takes its time, for a test that pulls the plug meanwhile."""
        time.sleep(600)

    def clean_uefi_nvram(self, node, ports, *args, **kw):
        pass

    def erase_pstore(self, node, ports, *args, **kw):
        pass

    def inject_files(self, node, ports, *args, **kw):
        pass
