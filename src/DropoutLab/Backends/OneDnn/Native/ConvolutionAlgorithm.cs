namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>How a convolution is computed (<c>dnnl_alg_kind_t</c>, these values the same in 2.x and 3.x).</summary>
internal enum ConvolutionAlgorithm
{
    /// <summary>Sums of products in the order of the definition, as blocked kernels.</summary>
    Direct = 1,

    /// <summary>oneDNN's choice between <see cref="Direct"/> and Winograd's, which rounds differently.</summary>
    Auto = 3,
}
