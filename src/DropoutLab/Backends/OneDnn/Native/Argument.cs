namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>What a memory is to a primitive (<c>DNNL_ARG_*</c>, the same in 2.x and 3.x).</summary>
internal enum Argument
{
    Source = 1,
    Destination = 17,
    Weights = 33,
    Bias = 41,
    Scratchpad = 80,
    SourceGradient = 129,
    DestinationGradient = 145,
    WeightsGradient = 161,
    BiasGradient = 169,
}
