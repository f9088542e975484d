namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>Which pass of a weight layer a primitive computes (<c>dnnl_prop_kind_t</c>, the same in 2.x and 3.x).</summary>
internal enum Propagation
{
    ForwardTraining = 64,
    BackwardData = 160,
    BackwardWeights = 192,
}
