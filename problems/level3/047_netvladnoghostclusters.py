"""NetVLAD pooling: residuals of local features to cluster centres, summed by soft assignment to the clusters.

x: (batch_size, num_features, feature_size), y: (batch_size, feature_size * cluster_size), float32. For each feature
a = softmax(batch_norm(x clusters)) over the clusters, with batch statistics over all features.
vlad[d, k] = sum_n a[n, k] (x[n, d] - clusters2[d, k]), normalised over d, flattened, and normalised as a whole.
Differs: normal inputs, uneven features; norm drawn, wide, for sharp assignments; clusters2 larger, to count in the sum.
"""

import torch
import torch.nn as nn

batch_size = 2048
num_features = 100
feature_size = 512
cluster_size = 32
ghost_clusters = 0


class Model(nn.Module):
    """NetVLAD pooling."""

    def __init__(self, cluster_size: int, feature_size: int, ghost_clusters: int) -> None:
        super().__init__()
        self.cluster_size = cluster_size
        clusters = cluster_size + ghost_clusters
        self.clusters = nn.Parameter(torch.randn(feature_size, clusters) * feature_size**-0.5)
        self.clusters2 = nn.Parameter(0.5 * torch.randn(1, feature_size, cluster_size))
        self.batch_norm = nn.BatchNorm1d(clusters)
        nn.init.uniform_(self.batch_norm.weight, 1, 3)
        nn.init.normal_(self.batch_norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        assignment = torch.softmax(self.batch_norm(x.flatten(0, 1) @ self.clusters), dim=1)
        assignment = assignment[:, : self.cluster_size].unflatten(0, x.shape[:2])
        centres = assignment.sum(dim=1, keepdim=True) * self.clusters2
        vlad = (assignment.transpose(1, 2) @ x).transpose(1, 2) - centres
        vlad = nn.functional.normalize(vlad, dim=1)
        return nn.functional.normalize(vlad.flatten(1), dim=1)


def get_inputs() -> list:
    scale = torch.exp(1.5 * torch.randn(feature_size))
    return [scale * torch.randn(batch_size, num_features, feature_size)]


def get_init_inputs() -> list:
    return [cluster_size, feature_size, ghost_clusters]


TIERS = {
    "cpu": {"batch_size": 96},
    "ci": {"batch_size": 6, "num_features": 25, "feature_size": 64},
}
UNSEEN = [
    {"batch_size": 3, "num_features": 13, "feature_size": 37, "cluster_size": 11},
    {"batch_size": 5, "num_features": 7, "feature_size": 131, "cluster_size": 5},
]
