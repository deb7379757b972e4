// The directive by which WGSL has subgroups. A compiler that does not know it has them without.

enable subgroups;
