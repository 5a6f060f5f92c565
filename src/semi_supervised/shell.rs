//! What the types [`crate::M2`] and [`crate::Sdgm`] say in the same words.

/// The settings that both have. `$params` has a field `configuration` and a field `device`.
macro_rules! settings {
    ([$($generics:tt)*] $params:ty) => {
        impl<$($generics)*> $params {
            /// Units of the hidden layers of q(z|x, y); those of p(x|z, y) come in reverse.
            pub fn hidden(mut self, sizes: impl Into<Vec<usize>>) -> Self {
                self.configuration.hidden = sizes.into();
                self
            }

            /// The activation of the hidden layers.
            pub fn activation(mut self, activation: $crate::Activation) -> Self {
                self.configuration.activation = activation;
                self
            }

            /// The distribution p(x|z, y).
            pub fn emission(mut self, emission: $crate::Emission) -> Self {
                self.configuration.emission = emission;
                self
            }

            /// The network of q(y|x).
            pub fn classifier(
                mut self,
                network: $crate::semi_supervised::ClassifierNetwork,
            ) -> Self {
                self.configuration.classifier = network;
                self
            }

            /// How the objective weighs the bounds against q(y|x).
            pub fn weighting(
                mut self,
                weighting: $crate::semi_supervised::Weighting,
            ) -> Self {
                self.configuration.weighting = weighting;
                self
            }

            /// Unlabelled rows in one step.
            pub fn unlabelled_batch(mut self, rows: usize) -> Self {
                self.configuration.unlabelled_batch = rows;
                self
            }

            /// Decides the first parameters of the networks and what the model draws.
            pub fn seed(mut self, seed: u64) -> Self {
                self.configuration.seed = seed;
                self
            }

            /// Where the model computes.
            pub fn device(mut self, device: $crate::Device) -> Self {
                self.device = device;
                self
            }
        }
    };
}

/// What both models do. `$model` has a field `core`, and a method `fits` that says whether a
/// configuration is one of its type.
macro_rules! model {
    ([$($generics:tt)*] $model:ty, $kind:expr) => {
        impl<$($generics)*> $model {
            /// Gives the model rows without labels, which every training from now on learns from,
            /// too. They replace those given before. They are not saved with the model: give them
            /// again to go on with a training.
            ///
            /// # Errors
            /// [`crate::Error::Value`] for a cell that the emission cannot have.
            pub fn unlabelled(
                &mut self,
                rows: &(impl $crate::data::Rows<D> + ?Sized),
            ) -> $crate::Result<()> {
                self.core.set_unlabelled(rows.rows()?.view(), &[])
            }

            /// The curves of the training so far.
            pub fn history(&self) -> Option<&$crate::History> {
                self.core.training.as_ref().map(|training| &training.history)
            }

            /// Adds a display that is redrawn while the model trains: see
            /// [`crate::train::Watched`].
            pub fn watch<'a, R: $crate::display::RichDisplay>(
                &'a mut self,
                view: impl FnMut(&Self) -> $crate::Result<R> + 'a,
            ) -> $crate::train::Watched<'a, Self> {
                $crate::train::Watched::new(self).watch(view)
            }

            /// Writes the model and the state of its training to a safetensors file, at once or not
            /// at all.
            ///
            /// # Errors
            /// [`crate::Error::File`] when the file cannot be written.
            pub fn save(&self, path: impl AsRef<std::path::Path>) -> $crate::Result<()> {
                self.core.save(path.as_ref(), $kind)
            }

            /// Reads a model that [`Self::save`] wrote, to compute on [`crate::Device::best`].
            ///
            /// # Errors
            /// [`crate::Error::File`] for a file that is missing, damaged or holds something else;
            /// [`crate::Error::Shape`] for a model of other sizes.
            pub fn load(path: impl AsRef<std::path::Path>) -> $crate::Result<Self> {
                Self::load_on(path, &$crate::Device::best())
            }

            /// Reads a model to compute on `device`.
            ///
            /// # Errors
            /// As [`Self::load`].
            pub fn load_on(
                path: impl AsRef<std::path::Path>,
                device: &$crate::Device,
            ) -> $crate::Result<Self> {
                let path = path.as_ref();
                let fits = |configuration: &$crate::semi_supervised::Configuration| {
                    Self::fits(path, configuration)
                };
                let core = $crate::semi_supervised::Core::load(path, $kind, device, fits)?;
                Ok(Self { core })
            }
        }

        impl<$($generics)*> $crate::train::Subject for $crate::train::Watched<'_, $model> {
            fn model(&mut self) -> &mut dyn $crate::train::Trainable {
                self.model.core.trainable().0
            }

            fn training(&mut self) -> &mut Option<$crate::train::Training> {
                &mut self.model.core.training
            }

            fn is_watched(&self) -> bool {
                self.has_views()
            }

            fn redraw(&mut self) {
                self.redraw_views();
            }
        }
    };
}

pub(crate) use model;
pub(crate) use settings;
