using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Layers;

namespace DropoutLab.Auditing;

/// <summary>The symbolic values of a weight layer that an audit reads.</summary>
internal sealed record LayerValues(WeightLayer Layer, Value OutputGradient, Value InputGradient)
{
    /// <summary>h ⊙ F.</summary>
    public Value ForwardView => Layer.Views.Operator is TwoPass ? Layer.Views.Inputs[0] : Layer.Views;

    /// <summary>h ⊙ B.</summary>
    public Value BackwardView => Differentiation.BackwardView(Layer.Views);

    public IEnumerable<Value> All =>
        [Layer.Input, Layer.Output, OutputGradient, InputGradient, .. Masks(ForwardView, Layer.Input), .. Masks(BackwardView, Layer.Input)];

    public static LayerValues Of(WeightLayer layer, Differentiation differentiation) =>
        new(layer, differentiation.Of(layer.Output)!, differentiation.Of(layer.Input)!);

    /// <summary>The masks between h and a view of it.</summary>
    public static IEnumerable<Value> Masks(Value view, Value h)
    {
        for (; view != h; view = view.Inputs[0])
            yield return view.Inputs[1];
    }
}
