namespace DropoutLab.Graph;

/// <summary>An array that each batch fills anew, as a network or an objective declares it.</summary>
/// <param name="Name">Its name among the inputs of a plan.</param>
/// <param name="Datum">What a datum is, without the batch: [H, W, C] of images, [] of labels.</param>
/// <param name="Kind">Numbers in the plan's precision (activations), numbers in 32 bits or 64 (accumulators), or labels.</param>
/// <param name="LabelCount">Of labels: they are 0 to this, excluded.</param>
public sealed record BatchInput(string Name, Shape Datum, ElementKind Kind = ElementKind.Activation, int? LabelCount = null)
{
    /// <summary>The array of a batch: [N, …].</summary>
    public Value Of(int batchSize) => Operations.Input(Name, new Shape([batchSize, .. Datum.Axes]), Kind);
}
